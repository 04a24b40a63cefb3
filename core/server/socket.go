package server

import (
	"errors"
	"syscall"

	"github.com/redistill-go/redistill/core/sys"
)

// serveSocket serves a connection whose socket can be read directly.
//
// The whole conversation is one call of the runtime's RawConn.Read, which
// calls onReadable whenever the socket may have something to read and keeps
// the descriptor open meanwhile.
//
// A read that did not fill its buffer has emptied the socket, and yet another
// one follows before the goroutine waits: a client that closes its side right
// behind its last bytes wakes the runtime once for both. The second read costs
// 4 % of the processor time of one request at a time.
func (c *conn) serveSocket() error {
	var failed error
	err := c.raw.Read(func(fd uintptr) (done bool) {
		done, failed = c.onReadable(int(fd))
		return done
	})
	if err == nil {
		err = failed
	}
	return err
}

// onReadable reads and answers until the socket is empty.
func (c *conn) onReadable(fd int) (done bool, err error) {
	c.fd = fd
	for {
		buf := c.lend().ReadBuf()
		n, err := sys.Read(fd, buf)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EAGAIN):
			c.idle()
			return false, nil
		case err != nil:
			return true, err
		case n == 0:
			return true, nil
		}
		more, err := c.handle(n)
		if err != nil || !more {
			return true, err
		}
	}
}

// write sends b as far as the socket takes it at once, and the rest by waiting
// for the client to read. It is called within onReadable, which keeps the
// descriptor open.
func (c *conn) write(b []byte) error {
	if c.raw != nil {
		switch n, err := sys.Write(c.fd, b); {
		case err == nil && n == len(b):
			return nil
		case err == nil:
			b = b[n:]
		case !errors.Is(err, syscall.EAGAIN) && !errors.Is(err, syscall.EINTR):
			return err
		}
	}
	_, err := c.nc.Write(b)
	return err
}

// idle gives the workspace back if nothing in it is half done.
func (c *conn) idle() {
	if c.ws != nil && c.ws.Idle() {
		c.release()
	}
}
