package sys

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Map takes n >= 1 bytes of zeroed memory from the operating system, rounded up
// to whole pages. They belong to the caller until Unmap.
func Map(n int) ([]byte, error) {
	size := PageUp(uint64(n))
	p, err := unix.MmapPtr(-1, 0, nil, uintptr(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	if err != nil {
		return nil, fmt.Errorf("off-heap memory: map %d bytes: %w", size, err)
	}
	return unsafe.Slice((*byte)(p), size), nil
}

// Remap makes what Map returned n bytes long, rounded up to whole pages, with
// what is in it. It may move it: b is invalid afterwards, unless it fails.
func Remap(b []byte, n int) ([]byte, error) {
	size := PageUp(uint64(n))
	p, err := unix.MremapPtr(unsafe.Pointer(unsafe.SliceData(b)), uintptr(cap(b)), nil, uintptr(size), unix.MREMAP_MAYMOVE)
	if err != nil {
		return nil, fmt.Errorf("off-heap memory: map %d bytes in place of %d: %w", size, cap(b), err)
	}
	return unsafe.Slice((*byte)(p), size), nil
}

// Unmap gives back what Map or Remap returned, all of it whatever b's length.
func Unmap(b []byte) error {
	if err := unix.MunmapPtr(unsafe.Pointer(unsafe.SliceData(b)), uintptr(cap(b))); err != nil {
		return fmt.Errorf("off-heap memory: unmap %d bytes: %w", cap(b), err)
	}
	return nil
}

// Offset is where b begins in the region; false: it is not of this region.
func (r Region) Offset(b []byte) (off uint64, ok bool) {
	at, base := uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(r.base)
	return uint64(at - base), at >= base && at-base < uintptr(r.size)
}
