package lane

import (
	"os"
	"runtime"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/redistill-go/redistill/core/sys"
)

// poll makes Go's scheduler look at what has arrived on sockets. There is no call
// for that. But whoever waits for a file is woken by the look that finds the file
// ready, and by then everybody is ready that was so before. So poll waits for a
// file that it has made ready itself.
type poll struct {
	rung bool
	ring func(fd uintptr) bool

	mu     sync.Mutex // of what follows
	file   *os.File
	raw    syscall.RawConn
	failed bool // the system has no file for it, or it was closed
}

// one is what makes an eventfd ready.
var one = [8]byte{1}

// open returns the file, nil where there is none.
func (p *poll) open() syscall.RawConn {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.raw != nil || p.failed {
		return p.raw
	}
	p.failed = true
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return nil
	}
	file := os.NewFile(uintptr(fd), "lane")
	raw, err := file.SyscallConn()
	if err != nil {
		_ = file.Close() // nothing was written to it
		return nil
	}
	p.file, p.raw, p.failed = file, raw, false
	p.ring = func(fd uintptr) bool {
		if p.rung {
			return true
		}
		p.rung = true
		_, err := sys.Write(int(fd), one[:])
		return err != nil // it can't be waited for
	}
	return raw
}

// yield lets everybody go first that is ready, on the sockets too. Without a file
// that is whoever the scheduler knows of.
func (p *poll) yield() {
	if raw := p.open(); raw != nil {
		p.rung = false
		// It fails where the file can't be waited for, or is closed, which is as good
		// as no file.
		_ = raw.Read(p.ring)
	}
	// It is woken with the others, and perhaps before them. Once in a while the
	// scheduler takes first who has come last, but not twice.
	runtime.Gosched()
	runtime.Gosched()
}

// close is for good.
func (p *poll) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.file != nil {
		_ = p.file.Close() // nothing is lost with it
	}
	p.file, p.raw, p.failed = nil, nil, true
}
