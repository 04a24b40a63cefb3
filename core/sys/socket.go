package sys

import (
	"runtime"
	"syscall"
	"unsafe"
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
