package server

import (
	"errors"
	"io"
	"os"
	"time"
)

// firstRead is the size in bytes of the buffer that a stream waits with while it is
// awake.
const firstRead = 4 << 10

// serveStream serves a connection that can't be asked whether it has something
// to read, as TLS can't: it waits with a small buffer of its own, so that a
// client that sends nothing holds no workspace here either. Only where a large
// argument is arriving it waits with a workspace, to read that into its place.
//
// A read that has met its deadline says what a socket says by itself: that there is
// nothing to read, neither below nor in what TLS has read in advance. So that is
// when a stream is parked that has been silent, by the socket below it.
func (c *conn) serveStream() error {
	first := make([]byte, firstRead)
	c.note(kindAwake, streamCost+awakeCost+firstRead)
	if c.below != nil {
		if c.fd >= 0 {
			c.watchBelow()
		}
		c.streamUntil(time.Now().Add(c.server.restAfter))
	}
	for {
		if more, err := c.takeAhead(); err != nil || !more {
			return err
		}
		buf := first
		if c.session.Expecting() {
			buf = c.lend().ReadBuf()
			c.afterGrowth() // others need not wait for this client
		}
		c.session.Turn.End(c.arrived.Load() >= longRequest)
		n, err := c.nc.Read(buf)
		c.session.Turn.Begin()
		if more, err := c.take(buf[:n]); err != nil || !more {
			return err
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			return nil
		case c.below != nil && errors.Is(err, os.ErrDeadlineExceeded) && !c.server.Draining():
			if c.silentSince(time.Now().Add(-c.server.restAfter)) && c.restBelow() {
				return errParked
			}
			c.note(kindAwake, streamCost+awakeCost+firstRead)
			c.streamUntil(time.Now().Add(c.server.restAfter))
		default:
			return err
		}
	}
}

// restBelow is rest for a stream that has read all there was. The socket below it
// stays open until it is parked.
func (c *conn) restBelow() (parked bool) {
	c.resting = true
	// It fails for a connection that is closed, which says so when it is read.
	_ = c.below.Control(func(fd uintptr) {
		if !c.watched {
			c.watch(int(fd))
		}
		c.note(kindAwake, streamCost)
		parked = c.rest()
	})
	return parked
}

// watchBelow is watch for a stream.
func (c *conn) watchBelow() {
	if c.below != nil && !c.watched {
		_ = c.below.Control(func(fd uintptr) { c.watch(int(fd)) })
	}
}

// streamUntil makes reads fail from a time on, or soon if the server drains, which
// says so before it calls readUntil. A client that has closed its side needs no
// deadline: all it has sent and its end are there.
func (c *conn) streamUntil(t time.Time) {
	if c.hup.Load() {
		t = time.Time{}
	}
	c.readUntil(t)
	if c.server.Draining() {
		c.readUntil(time.Now().Add(drainTime))
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
		c.beforeRead()
	}
	c.idle()
	return true, nil
}
