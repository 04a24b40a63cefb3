package sys

import (
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Read reads from a non-blocking descriptor into b, which is not empty. The
// error is a syscall.Errno, EAGAIN if there is nothing to read.
//
// It differs from syscall.Read in not telling the scheduler. The scheduler
// would take the processor away from a goroutine whose system call lasts more
// than some twenty microseconds and start another thread on it; on a loopback
// or a fast network, where most of a call's time is the kernel carrying the
// bytes, that costs more than the call.
func Read(fd int, b []byte) (int, error) { return transfer(syscall.SYS_READ, fd, b) }

// Write writes b, which is not empty, to a non-blocking descriptor and says
// how much of it was taken. The error is a syscall.Errno, EAGAIN if nothing
// was. It tells the scheduler as little as Read does.
func Write(fd int, b []byte) (int, error) { return transfer(syscall.SYS_WRITE, fd, b) }

func transfer(call uintptr, fd int, b []byte) (int, error) {
	p := unsafe.Pointer(unsafe.SliceData(b))
	n, _, errno := syscall.RawSyscall(call, uintptr(fd), uintptr(p), uintptr(len(b)))
	runtime.KeepAlive(b)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

// MaxPieces is how many pieces WriteAll sends at most.
const MaxPieces = 16

// WriteAll writes several pieces in one call, the first MaxPieces of them, as Write
// does. What is much should be written by a call that the scheduler notices: this
// one copies all that the socket takes.
func WriteAll(fd int, pieces [][]byte) (n int, err error) {
	var all [MaxPieces]unix.Iovec
	k := 0
	for _, b := range pieces {
		if len(b) > 0 && k < len(all) {
			all[k].Base = unsafe.SliceData(b)
			all[k].SetLen(len(b))
			k++
		}
	}
	if k == 0 {
		return 0, nil
	}
	r, _, errno := syscall.RawSyscall(syscall.SYS_WRITEV, uintptr(fd), uintptr(unsafe.Pointer(&all)), uintptr(k))
	runtime.KeepAlive(pieces)
	if errno != 0 {
		return 0, errno
	}
	return int(r), nil
}
