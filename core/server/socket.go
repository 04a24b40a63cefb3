package server

import (
	"errors"
	"os"
	"syscall"
	"time"

	"github.com/redistill-go/redistill/core/sys"
)

// serveSocket serves a connection whose socket can be read directly.
//
// The whole conversation is one call of the runtime's RawConn.Read, which
// calls onReadable whenever the socket may have something to read, and keeps
// the descriptor open meanwhile. Waiting from inside that call never loses a
// wake-up: what arrives after a read makes the runtime call again.
//
// When the client has closed its side, the call ends with a deadline and is
// made once more, to read what is left and the end: see hangups. With a deadline
// it also ends from time to time, for the connection to be parked if it has been
// silent: errParked says that it was.
func (c *conn) serveSocket() error {
	for {
		var failed error
		err := c.raw.Read(func(fd uintptr) (done bool) {
			done, failed = c.onReadable(int(fd))
			return done
		})
		if err == nil {
			return failed
		}
		switch {
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return err
		case c.server.Draining() && (c.probing || !c.hup.Load()):
			return err
		case c.hup.Load():
			c.probing = true
			c.readUntil(time.Time{})
		default:
			c.stayAwake()
		}
	}
}

// onReadable reads and answers until the socket is empty.
func (c *conn) onReadable(fd int) (done bool, err error) {
	if !c.watched {
		c.watch(fd)
	}
	c.session.Turn.Begin()
	for {
		buf := c.lend().ReadBuf()
		buf = buf[:min(len(buf), bytesNow)]
		n, err := sys.Read(fd, buf)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EAGAIN):
			return c.rests()
		case err != nil:
			return true, err
		case n == 0:
			return true, nil
		}
		more, err := c.handle(n)
		if err != nil || !more {
			return true, err
		}
		if c.server.overdue() {
			return true, os.ErrDeadlineExceeded
		}
		if n < len(buf) && !c.probing {
			return c.rests()
		}
		if c.beforeRead(); c.dead.Load() {
			return true, nil
		}
		c.session.Turn.Step()
	}
}

// rests is rest for onReadable.
func (c *conn) rests() (done bool, err error) {
	if c.rest() {
		return true, errParked
	}
	return false, nil
}

// watch makes the client's closing its side known while the connection is awake.
func (c *conn) watch(fd int) {
	c.watched = true
	if c.fd < 0 {
		c.fd = fd
		c.probing = !c.server.hangups().add(fd, c)
	} else if !c.server.hangups().unpark(fd, c) {
		c.probing = true
	}
}

// hungUp tells that the client has closed its side. The connection's goroutine
// may not have been told and is woken.
func (c *conn) hungUp() {
	told := c.hup.Swap(true)
	c.server.shared.Env.Pauses.Wake()
	c.session.Client.Unblock(false)
	if c.raw != nil && !told {
		c.readUntil(time.Now())
	}
}
