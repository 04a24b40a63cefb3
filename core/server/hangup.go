package server

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/redistill-go/redistill/core/lane"
)

// hangups notices clients that close their side of the connection.
//
// A read that does not fill its buffer has emptied the socket, so a connection
// need not read a second time before it waits: at one request at a time that
// is a third of all system calls. There is one thing that such a read does not
// tell: that the client has closed its side right behind its last bytes. The
// runtime's poller was woken for both at once and will not be again. Hence
// this second, tiny poller, which hears of nothing but closed sides, and wakes
// the connection.
//
// It is also where connections wait that are parked. Those it tells of whatever
// happens, once.
//
// The runtime's poller watches this one, for its goroutine to wait as any other: in
// a system call that waits it would keep a processor until the scheduler has noticed,
// which takes up to ten milliseconds.
type hangups struct {
	epoll int
	file  *os.File        // owns it
	raw   syscall.RawConn // of file

	mu    sync.Mutex
	conns []*conn // by descriptor
	done  chan struct{}
}

// What the poller is asked to tell of.
const (
	eventsAwake  = unix.EPOLLRDHUP | unix.EPOLLET
	eventsParked = unix.EPOLLIN | unix.EPOLLRDHUP | unix.EPOLLONESHOT
	eventsHangup = unix.EPOLLRDHUP | unix.EPOLLHUP | unix.EPOLLERR
)

func newHangups(b *lane.Breath) (*hangups, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("server: create a poller: %w", err)
	}
	if err := unix.SetNonblock(epoll, true); err != nil {
		return nil, fmt.Errorf("server: create a poller: %w", errors.Join(err, unix.Close(epoll)))
	}
	file := os.NewFile(uintptr(epoll), "hangups")
	raw, err := file.SyscallConn()
	if err != nil {
		return nil, fmt.Errorf("server: create a poller: %w", errors.Join(err, file.Close()))
	}
	h := &hangups{epoll: epoll, file: file, raw: raw, done: make(chan struct{})}
	go h.run(b)
	return h, nil
}

// add watches the connection's descriptor until remove. If it can't, or if h
// is nil, the connection asks the socket itself.
func (h *hangups) add(fd int, c *conn) bool {
	if h == nil {
		return false
	}
	h.mu.Lock()
	for len(h.conns) <= fd {
		h.conns = append(h.conns, nil)
	}
	h.conns[fd] = c
	h.mu.Unlock()
	return h.control(unix.EPOLL_CTL_ADD, fd, c, eventsAwake)
}

// park tells of whatever happens to a connection, or has, and then no more until
// unpark. What add says about failing holds for both.
func (h *hangups) park(fd int, c *conn) bool {
	return h != nil && h.control(unix.EPOLL_CTL_MOD, fd, c, eventsParked)
}

func (h *hangups) unpark(fd int, c *conn) bool {
	return h != nil && h.control(unix.EPOLL_CTL_MOD, fd, c, eventsAwake)
}

func (h *hangups) control(op, fd int, c *conn, events uint32) bool {
	e := unix.EpollEvent{Events: events, Fd: int32(fd), Pad: c.tag()}
	return unix.EpollCtl(h.epoll, op, fd, &e) == nil
}

// tag tells events of a connection from those of another one that had the same
// descriptor before.
func (c *conn) tag() int32 { return int32(c.session.Client.ID) }

// remove ends add. The descriptor may be closed already, as it is when the
// connection was cut, and may be another connection's by now.
func (h *hangups) remove(fd int, c *conn) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if fd >= len(h.conns) || h.conns[fd] != c {
		return
	}
	h.conns[fd] = nil
	// It fails where add has failed, or where closing has done the same.
	_ = unix.EpollCtl(h.epoll, unix.EPOLL_CTL_DEL, fd, nil)
}

// atOnce is how many connections are told at once of what has happened. When many
// were parked, others have their turn between them.
const atOnce = 16

func (h *hangups) run(b *lane.Breath) {
	defer close(h.done)
	events := make([]unix.EpollEvent, atOnce)
	for {
		n, failed := 0, error(nil)
		err := h.raw.Read(func(fd uintptr) bool {
			n, failed = unix.EpollWait(int(fd), events, 0)
			return n != 0
		})
		if err != nil || failed != nil {
			return // it was closed
		}
		for _, e := range events[:n] {
			h.mu.Lock()
			c := h.conns[e.Fd]
			h.mu.Unlock()
			if c != nil && c.tag() == e.Pad {
				h.happened(c, e.Events)
			}
		}
		if n == atOnce {
			b.Take()
		}
	}
}

// happened tells a connection. One that was parked is only woken: of a closed side
// it hears again when it is watched.
func (h *hangups) happened(c *conn, events uint32) {
	if c.wake() || events&eventsHangup == 0 {
		return
	}
	c.lost.Store(events&(unix.EPOLLHUP|unix.EPOLLERR) != 0)
	c.hungUp()
}

// close ends the watch.
func (h *hangups) close() {
	if h == nil {
		return
	}
	_ = h.file.Close() // nothing was written to it
	<-h.done
}
