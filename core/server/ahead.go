package server

import (
	"errors"
	"os"
	"time"
)

// A client leaves a stream by a message within it, which the socket below does not
// tell from any other. So what a client sends while it waits, in a command or in a
// pause, is read ahead, up to firstRead bytes, and executed afterwards.

// readAhead reads until end is called, and takes the client's end for its closing
// its side. It is for streams, whose goroutine is the caller.
func (c *conn) readAhead() (end func()) {
	c.note(kindAwake, streamCost+2*(awakeCost+firstRead))
	if c.ahead == nil {
		c.ahead = make([]byte, 0, firstRead)
	}
	c.readUntil(time.Time{})
	if c.server.Draining() {
		c.readUntil(time.Now())
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for len(c.ahead) < cap(c.ahead) {
			n, err := c.nc.Read(c.ahead[len(c.ahead):cap(c.ahead)])
			c.ahead = c.ahead[:len(c.ahead)+n]
			if err != nil {
				if !errors.Is(err, os.ErrDeadlineExceeded) {
					c.hungUp()
				}
				return
			}
		}
	}()
	return func() {
		c.readUntil(time.Now())
		<-done
		c.note(kindAwake, streamCost+awakeCost+firstRead)
		if c.below != nil {
			c.streamUntil(time.Now().Add(c.server.restAfter))
			return
		}
		c.streamUntil(time.Time{})
	}
}

// takeAhead executes what was read ahead.
func (c *conn) takeAhead() (more bool, err error) {
	for len(c.ahead) > 0 {
		b := c.ahead
		c.ahead = nil
		if more, err := c.take(b); err != nil || !more {
			return false, err
		}
	}
	c.ahead = nil
	return true, nil
}
