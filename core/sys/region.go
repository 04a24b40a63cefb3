package sys

import (
	"errors"
	"fmt"
	"reflect"
	"unsafe"

	"golang.org/x/sys/unix"
)

// HugePage is the granularity in bytes at which memory is best returned to
// the operating system: the size of a transparent huge page on amd64 and
// arm64 Linux with 4 KiB base pages.
const HugePage = 2 << 20

// PageSize is the granularity in bytes of Release: a multiple of it returns
// memory wherever base pages have 4 KiB.
const PageSize = 4 << 10

// PageUp rounds n up to whole pages.
func PageUp(n uint64) uint64 { return (n + PageSize - 1) &^ (PageSize - 1) }

// Region is a reserved range of addresses. The zero Region has no memory.
// Copies of a Region are the same memory.
type Region struct {
	base unsafe.Pointer
	size uint64
}

// Reserve takes size bytes of address space, rounded up to a huge page. It
// takes no memory: pages are backed after Commit, when they are first touched.
func Reserve(size uint64) (Region, error) {
	size = (size + HugePage - 1) &^ (HugePage - 1)
	// One huge page more, so that the base can be aligned to one.
	p, err := unix.MmapPtr(-1, 0, nil, uintptr(size+HugePage), unix.PROT_NONE,
		unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	if err != nil {
		return Region{}, fmt.Errorf("off-heap memory: reserve %d bytes of address space: %w", size, err)
	}
	pad := -uintptr(p) & (HugePage - 1)
	if pad > 0 {
		if err := unix.MunmapPtr(p, pad); err != nil {
			return Region{}, fmt.Errorf("off-heap memory: trim reservation: %w", err)
		}
	}
	base := unsafe.Add(p, pad)
	if tail := HugePage - pad; tail > 0 {
		if err := unix.MunmapPtr(unsafe.Add(base, size), tail); err != nil {
			return Region{}, fmt.Errorf("off-heap memory: trim reservation: %w", err)
		}
	}
	return Region{base: base, size: size}, nil
}

// Close gives the whole range back. Every slice into it is invalid afterwards.
func (r *Region) Close() error {
	if r.base == nil {
		return nil
	}
	err := unix.MunmapPtr(r.base, uintptr(r.size))
	*r = Region{}
	return err
}

// Size is the number of bytes reserved.
func (r Region) Size() uint64 { return r.size }

// Commit makes the bytes from off to off+n usable, zeroed, and asks for huge
// pages where the system offers them. off and n are multiples of HugePage.
// Committing a range twice is harmless.
func (r Region) Commit(off, n uint64) error {
	if err := r.commit(off, n); err != nil {
		return err
	}
	b := unsafe.Slice((*byte)(unsafe.Add(r.base, off)), n)
	// Refused where the kernel has no huge pages: slower, not wrong.
	if err := unix.Madvise(b, unix.MADV_HUGEPAGE); err != nil && !errors.Is(err, unix.EINVAL) {
		return fmt.Errorf("off-heap memory: advise huge pages: %w", err)
	}
	return nil
}

// CommitSparse is Commit for bytes of which perhaps few will be touched: it
// asks for no huge pages, and for none where the system gives them unasked. off
// and n are multiples of PageSize.
func (r Region) CommitSparse(off, n uint64) error {
	if err := r.commit(off, n); err != nil {
		return err
	}
	b := unsafe.Slice((*byte)(unsafe.Add(r.base, off)), n)
	if err := unix.Madvise(b, unix.MADV_NOHUGEPAGE); err != nil && !errors.Is(err, unix.EINVAL) {
		return fmt.Errorf("off-heap memory: advise small pages: %w", err)
	}
	return nil
}

func (r Region) commit(off, n uint64) error {
	r.check(off, n)
	b := unsafe.Slice((*byte)(unsafe.Add(r.base, off)), n)
	if err := unix.Mprotect(b, unix.PROT_READ|unix.PROT_WRITE); err != nil {
		return fmt.Errorf("off-heap memory: commit %d bytes: %w", n, err)
	}
	return nil
}

// Populate backs the bytes from off to off+n with memory now, so that their
// first use does not wait for the system. What they hold stays. The range is
// committed; off and n are multiples of HugePage.
func (r Region) Populate(off, n uint64) error {
	r.check(off, n)
	b := unsafe.Slice((*byte)(unsafe.Add(r.base, off)), n)
	if err := unix.Madvise(b, unix.MADV_POPULATE_WRITE); err != nil {
		return fmt.Errorf("off-heap memory: back %d bytes: %w", n, err)
	}
	return nil
}

// Release returns the pages from off to off+n to the operating system. The
// range stays committed; it reads as zeros and is backed again when touched.
// off and n are multiples of HugePage, or of PageSize in what CommitSparse made
// usable.
func (r Region) Release(off, n uint64) error {
	r.check(off, n)
	b := unsafe.Slice((*byte)(unsafe.Add(r.base, off)), n)
	if err := unix.Madvise(b, unix.MADV_DONTNEED); err != nil {
		return fmt.Errorf("off-heap memory: release %d bytes: %w", n, err)
	}
	return nil
}

// Bytes is the n bytes at off.
func (r Region) Bytes(off, n uint64) []byte {
	r.check(off, n)
	return unsafe.Slice((*byte)(unsafe.Add(r.base, off)), n)
}

// Words is the n words at off, which is a multiple of 8.
func (r Region) Words(off, n uint64) []uint64 {
	r.check(off, n*8)
	return unsafe.Slice((*uint64)(unsafe.Add(r.base, off)), n)
}

// Load is the word at off, which is a multiple of 8.
func (r Region) Load(off uint64) uint64 {
	r.check(off, 8)
	return *(*uint64)(unsafe.Add(r.base, off))
}

// Store sets the word at off, which is a multiple of 8.
func (r Region) Store(off, w uint64) {
	r.check(off, 8)
	*(*uint64)(unsafe.Add(r.base, off)) = w
}

func (r Region) check(off, n uint64) {
	if Checked && (off > r.size || n > r.size-off) {
		panic(fmt.Sprintf("off-heap memory: access to %d bytes at %d in a region of %d", n, off, r.size))
	}
}

// Slice is the region as n elements of T, from its first byte. It panics if
// they don't fit or if T holds pointers.
func Slice[T any](r Region, n int) []T {
	var zero T
	if hasPointers(reflect.TypeFor[T]()) {
		panic(fmt.Sprintf("off-heap memory: %T holds Go pointers", zero))
	}
	if uint64(n)*uint64(unsafe.Sizeof(zero)) > r.size {
		panic(fmt.Sprintf("off-heap memory: %d of %T don't fit in %d bytes", n, zero, r.size))
	}
	return unsafe.Slice((*T)(r.base), n)
}

func hasPointers(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64,
		reflect.Float32, reflect.Float64:
		return false
	case reflect.Array:
		return hasPointers(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if hasPointers(t.Field(i).Type) {
				return true
			}
		}
		return false
	default:
		return true
	}
}
