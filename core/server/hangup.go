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
type hangups struct {
	epoll int
	wake  int // an eventfd that ends the wait

	mu    sync.Mutex
	conns map[int32]*conn
	done  chan struct{}
}

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
	h := &hangups{epoll: epoll, wake: wake, conns: map[int32]*conn{}, done: make(chan struct{})}
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
	h.conns[int32(fd)] = c
	h.mu.Unlock()
	err := unix.EpollCtl(h.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLRDHUP | unix.EPOLLET, Fd: int32(fd)})
	return err == nil
}

// remove ends add. The descriptor may be closed already, as it is when the
// connection was cut, and may be another connection's by now.
func (h *hangups) remove(fd int, c *conn) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.conns[int32(fd)] != c {
		return
	}
	delete(h.conns, int32(fd))
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
			if c != nil {
				c.lost.Store(e.Events&(unix.EPOLLHUP|unix.EPOLLERR) != 0)
				c.hungUp()
			}
		}
	}
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
