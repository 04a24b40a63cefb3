package server

import (
	"errors"
	"os"
	"syscall"
	"time"

	"github.com/redistill-go/redistill/core/sys"
)

// errMoves ends the goroutine of a connection, and nothing else: see moves.
var errMoves = errors.New("the connection goes on in another goroutine")

// serveSocket serves a connection whose socket can be read directly.
//
// The whole conversation is one call of the runtime's RawConn.Read, which
// calls onReadable whenever the socket may have something to read, and keeps
// the descriptor open meanwhile. Waiting from inside that call never loses a
// wake-up: what arrives after a read makes the runtime call again.
//
// When the client has closed its side, the call ends with a deadline and is
// made once more, to read what is left and the end: see hangups.
func (c *conn) serveSocket() error {
	for {
		var failed error
		err := c.raw.Read(func(fd uintptr) (done bool) {
			done, failed = c.onReadable(int(fd))
			return done
		})
		if err == nil && c.fresh {
			return errMoves
		}
		if err == nil {
			return failed
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) || !c.hup.Load() || c.probing {
			return err
		}
		c.probing = true
		c.readUntil(time.Time{})
	}
}

// onReadable reads and answers until the socket is empty.
func (c *conn) onReadable(fd int) (done bool, err error) {
	if c.fresh && sys.Silent(fd) {
		return false, nil // without having needed more than the smallest stack
	}
	c.fresh = false
	if c.fd < 0 {
		c.fd = fd
		c.probing = !c.server.hangups().add(fd, c)
	}
	for {
		buf := c.lend().ReadBuf()
		n, err := sys.Read(fd, buf)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EAGAIN):
			c.idle()
			return c.moves(), nil
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
			c.idle()
			return c.moves(), nil
		}
	}
}

// moves says whether the connection goes on in another goroutine, as it does
// where a client has sent a part of its first request: the runtime would not give
// back the stack that reading it took, and thousands may leave it at that.
func (c *conn) moves() bool {
	arrived, _ := c.session.Resting()
	c.fresh = arrived > 0 && c.session.Client.Last.Load() < 0
	return c.fresh
}

// hungUp tells that the client has closed its side. The connection's goroutine
// may not have been told and is woken.
func (c *conn) hungUp() {
	c.hup.Store(true)
	c.server.shared.Env.Pauses.Wake()
	c.session.Client.Unblock(false)
	if c.raw != nil {
		c.readUntil(time.Now())
	}
}
