package server

import (
	"errors"
	"io"
)

// firstRead is the size in bytes of the buffer that an idle stream waits with.
const firstRead = 4 << 10

// serveStream serves a connection that can't be asked whether it has something
// to read, as TLS can't: it waits with a small buffer of its own, so that a
// client that sends nothing holds no workspace here either. Only where a large
// argument is arriving it waits with a workspace, to read that into its place.
func (c *conn) serveStream() error {
	first := make([]byte, firstRead)
	c.note(kindAwake, awakeCost+firstRead)
	for {
		buf := first
		if c.session.Expecting() {
			buf = c.lend().ReadBuf()
			c.afterGrowth() // others need not wait for this client
		}
		n, err := c.nc.Read(buf)
		if more, err := c.take(buf[:n]); err != nil || !more {
			return err
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// take executes what b completes. b may be the beginning of the workspace's own
// buffer.
func (c *conn) take(b []byte) (more bool, err error) {
	for len(b) > 0 {
		n := copy(c.lend().ReadBuf(), b)
		b = b[n:]
		if more, err := c.handle(n); err != nil || !more {
			return false, err
		}
	}
	c.idle()
	return true, nil
}
