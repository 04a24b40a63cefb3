package server

import (
	"errors"
	"io"
	"net"
	"syscall"
	"time"

	"github.com/redistill-go/redistill/core/sys"
)

// lockWire takes wire, which somebody may have who waits for the client to read.
func (c *conn) lockWire() {
	if !c.wire.TryLock() {
		c.session.Turn.Pause()
		c.wire.Lock()
		c.session.Turn.Begin()
	}
}

// lastWords bounds how long a client that the server leaves may take to read its
// last replies, which are at most one large value and what is sent with it.
const lastWords = 5 * time.Minute

// partFrom begins the end that the server has decided on: from before the client
// is told, nobody else sees it any more.
func (c *conn) partFrom() {
	c.server.clients.leave(c)
	// It fails for a connection that is closed, which needs no deadline.
	_ = c.nc.SetWriteDeadline(time.Now().Add(lastWords))
}

// Of a long output so many pieces, and bytes, are sent at a time: a system call is a
// step that nobody can interrupt. So much is read at a time, too. More are sent where
// each time means waiting for the client, and no more than some hundred microseconds
// take.
const (
	piecesNow     = 4
	bytesNow      = 256 << 10
	piecesWaiting = 64
	bytesWaiting  = 1 << 20
)

// some returns the first pieces of the output, in few, of most bytes together.
func (c *conn) some(few [][]byte, most int) (some [][]byte, due int) {
	some = c.ws.Pieces(few)
	for i, b := range some {
		if due+len(b) >= most {
			some[i] = b[:most-due]
			return some[:i+1], most
		}
		due += len(b)
	}
	return some, due
}

// send writes the replies, waiting for a client that doesn't read them. What has
// been sent is given back while the rest waits.
func (c *conn) send() error {
	if b, ok := c.ws.Plain(); ok {
		switch {
		case len(b) == 0:
			return nil
		case c.raw == nil:
			return c.sendWhole(b)
		case len(b) <= bytesNow: // as nearly all are
			n, err := sys.Write(c.fd, b)
			switch {
			case n == len(b):
				return nil
			case err == nil:
				c.ws.SentSome(n)
			case !errors.Is(err, syscall.EAGAIN) && !errors.Is(err, syscall.EINTR):
				return err
			}
		}
	}
	for {
		if c.raw != nil {
			if done, err := c.sendNow(); done || err != nil {
				return err
			}
			c.ws.Shrink()
		}
		if err := c.waits(); err != nil {
			return err
		}
		few, _ := c.some(make([][]byte, 0, piecesWaiting), bytesWaiting)
		some := net.Buffers(few)
		n, err := some.WriteTo(c.writer())
		c.ws.SentSome(int(n))
		if c.worksOn(); err != nil || c.ws.Pending() == 0 {
			return err
		}
	}
}

// sendNow sends what the socket takes at once. It is called within onReadable,
// which keeps the descriptor open. done: that was all.
func (c *conn) sendNow() (done bool, err error) {
	var few [piecesNow][]byte
	for {
		some, due := c.some(few[:0], bytesNow)
		n, err := sys.WriteAll(c.fd, some)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EAGAIN):
			return false, nil
		case err != nil:
			return false, err
		}
		c.ws.SentSome(n)
		if c.ws.Pending() == 0 {
			return true, nil
		}
		if n < due {
			return false, nil
		}
		c.session.Turn.Step()
	}
}

// writer is the connection as pieces are written to it. One that embeds a socket has
// that one's way to write several at once, which would go past its own Write.
func (c *conn) writer() io.Writer {
	if c.raw != nil {
		return c.nc
	}
	return struct{ io.Writer }{c.nc}
}

// sendWhole writes replies where it can't be known whether that will have to wait.
func (c *conn) sendWhole(b []byte) error {
	if err := c.waits(); err != nil {
		return err
	}
	_, err := c.nc.Write(b)
	c.worksOn()
	return err
}

// waits notes that the connection waits for its client to read, unless that has
// too much unread. Values of the store that replies point to don't count: they
// cost nothing until they are replaced.
func (c *conn) waits() error {
	c.unread.Store(int64(c.ws.Pending()))
	if c.overdrawn(c.ws.Unread(), time.Now()) {
		c.closeUnread()
		return errUnread
	}
	c.noteWaiting()
	if c.dead.Load() {
		return errUnread
	}
	c.session.Turn.Pause()
	return nil
}

// writePush sends a message, waiting for a client that doesn't read.
func (c *conn) writePush(b []byte) error {
	if c.raw != nil {
		n, err := sys.Write(c.fd, b)
		switch {
		case n == len(b):
			return nil
		case err == nil:
			b = b[n:]
		case !errors.Is(err, syscall.EAGAIN) && !errors.Is(err, syscall.EINTR):
			return err
		}
	}
	c.ws.Shrink()
	c.noteWaiting()
	c.session.Turn.Pause()
	_, err := c.nc.Write(b)
	c.worksOn()
	return err
}
