package server

import (
	"errors"
	"io"
)

// firstRead is the size in bytes of the buffer that an idle stream waits with.
const firstRead = 4 << 10

// serveStream serves a connection that can't be asked whether it has something
// to read, as TLS can't: it waits with a small buffer of its own, so that an
// idle client holds no workspace here either.
func (c *conn) serveStream() error {
	first := make([]byte, firstRead)
	for {
		var n int
		var err error
		if c.ws == nil {
			if n, err = c.nc.Read(first); n > 0 {
				n = copy(c.lend().ReadBuf(), first[:n])
			}
		} else {
			n, err = c.nc.Read(c.ws.ReadBuf())
		}
		if n > 0 {
			more, err := c.handle(n)
			if err != nil || !more {
				return err
			}
			c.idle()
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
