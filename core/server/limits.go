package server

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/redistill-go/redistill/core/command"
)

// OutputLimit bounds what waits for one client to read, as a class of
// client-output-buffer-limit does in Redis. The zero OutputLimit is no bound.
type OutputLimit struct {
	Hard int64 // bytes at which a client is closed at once; 0: none
	Soft int64 // bytes at which it is closed after For; 0: none
	For  time.Duration
}

// Class is a class of clients with an OutputLimit of its own.
type Class int

// The classes of clients.
const (
	Normal     Class = iota // whoever is not of another class, monitors included
	Subscribed              // to a channel
	classes
)

// limits are the output limits of the classes.
type limits struct {
	of [classes]atomic.Pointer[OutputLimit]
}

// OutputLimit is the limit of a class.
func (s *Server) OutputLimit(class Class) OutputLimit {
	if l := s.limits.of[class].Load(); l != nil {
		return *l
	}
	return OutputLimit{}
}

// SetOutputLimit changes the limit of a class.
func (s *Server) SetOutputLimit(class Class, l OutputLimit) {
	s.limits.of[class].Store(&l)
	if class == Normal {
		s.fitReplies()
	}
}

// fitReplies tells the sessions how long replies may become: no longer than what
// one client may have unread, or than what all clients may hold.
func (s *Server) fitReplies() {
	limit := s.OutputLimit(Normal).Hard
	if all := s.MemoryLimit(); all > 0 && (limit == 0 || all < limit) {
		limit = all
	}
	s.shared.ReplyLimit.Store(limit)
}

// class is the client's, as others see it.
func (c *conn) class() Class {
	if c.session.Client.ShownMode()&command.ModeSubscribed != 0 {
		return Subscribed
	}
	return Normal
}

// unreadFirst is how many bytes a client that has not authenticated may leave
// unread: some replies that say so, and no more.
const unreadFirst = 1 << 10

var errUnread = errors.New("the client does not read its replies")

// overdrawn says whether the client has more unread than it may, n bytes being
// what its goroutine has to send.
func (c *conn) overdrawn(n int, now time.Time) bool {
	if !c.session.Client.Authenticated && c.raw != nil && n > unreadFirst {
		return true
	}
	return c.exceeds(int64(n)+c.out.queued.Load(), now)
}

// exceeds says whether n bytes are more than the client may have unread, and
// keeps since when the soft limit has been exceeded.
func (c *conn) exceeds(n int64, now time.Time) bool {
	l := c.server.OutputLimit(c.class())
	if l.Hard > 0 && n > l.Hard {
		return true
	}
	if l.Soft == 0 || n <= l.Soft {
		c.softSince.Store(0)
		return false
	}
	if !c.softSince.CompareAndSwap(0, now.UnixNano()) {
		return now.UnixNano()-c.softSince.Load() > int64(l.For)
	}
	return false
}

// CloseUnread closes the clients that have been over their soft limit for too
// long. The process calls it about once a second.
func (s *Server) CloseUnread(now time.Time) {
	s.clients.conns(func(c *conn) {
		if n := c.unread.Load() + c.out.queued.Load(); n > 0 && c.exceeds(n, now) {
			c.closeUnread()
		}
	})
}

// closeUnread closes a client that has too much unread.
func (c *conn) closeUnread() {
	if !c.dead.Load() {
		c.server.shared.Env.Stats.OutputLimitCloses.Add(1)
	}
	c.Kill()
}
