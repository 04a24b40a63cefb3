package server

import (
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sys/unix"
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
type hangups struct {
	epoll int
	wake  int // an eventfd that ends the wait

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

func newHangups() (*hangups, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("server: create a poller: %w", err)
	}
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err == nil {
		err = unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, wake, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(wake)})
	}
	if err != nil {
		return nil, fmt.Errorf("server: create a poller: %w", errors.Join(err, unix.Close(epoll)))
	}
	h := &hangups{epoll: epoll, wake: wake, done: make(chan struct{})}
	go h.run()
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

func (h *hangups) run() {
	defer close(h.done)
	events := make([]unix.EpollEvent, 64)
	for {
		n, err := unix.EpollWait(h.epoll, events, -1)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return // it can only be the descriptor, which close has closed
		}
		for _, e := range events[:max(n, 0)] {
			if e.Fd == int32(h.wake) {
				return
			}
			h.mu.Lock()
			c := h.conns[e.Fd]
			h.mu.Unlock()
			if c != nil && c.tag() == e.Pad {
				h.happened(c, e.Events)
			}
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

// close ends the watch. What it closes was opened here and can't fail to be.
func (h *hangups) close() {
	if h == nil {
		return
	}
	_, _ = unix.Write(h.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	<-h.done
	_, _ = unix.Close(h.wake), unix.Close(h.epoll)
}
