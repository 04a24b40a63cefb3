package server

import (
	"errors"
	"time"
)

// A connection that has nothing to do needs no goroutine, of which the stack
// alone is more than all the rest of it. So one that has been silent for
// restAfter is parked: it waits in the server's own poller, and a goroutine is
// started when something arrives or when the connection is to end.
//
// A connection that has just come, or was woken from a longer rest, is parked as
// soon as it has answered what there was: most of those that say one thing, or
// half of one, say no more. Only when it is woken a second time within restAfter
// it stays awake, and from then on waits in the runtime's poller, which wakes a
// goroutine at less cost.
//
// A stream, as TLS is, always stays awake for that long: see serveStream.
//
// Whoever changes conn.parked from true to false has the connection, and starts
// its goroutine. The one that parks it does so with the last thing it does.
const restAfter = time.Second

var errParked = errors.New("the connection is parked")

// rest is what a connection does that has read all there was. parked: the
// goroutine has to go, since another one may be at work with the connection.
func (c *conn) rest() (parked bool) {
	c.idle()
	if !c.resting || c.probing || c.hup.Load() {
		return false
	}
	c.watched = false
	c.parked.Store(true)
	// What has arrived by now wakes it at once. Whoever wants it to end says so
	// before looking whether it is parked.
	if c.server.hangups().park(c.fd, c) && !c.dead.Load() && !c.server.Draining() {
		return true
	}
	return !c.parked.CompareAndSwap(true, false)
}

// wake starts the goroutine of a connection that is parked. It may be called by
// any goroutine.
func (c *conn) wake() bool {
	woken := c.parked.CompareAndSwap(true, false)
	if woken {
		go c.goOn()
	}
	return woken
}

// goOn is the goroutine of a connection that was parked.
func (c *conn) goOn() {
	now := time.Now()
	if c.raw != nil && now.Sub(time.UnixMilli(c.woken)) < c.server.restAfter {
		c.resting = false
		c.note(kindAwake, awakeCost)
		c.readUnlessEnding(now.Add(c.server.restAfter))
	}
	c.woken = now.UnixMilli()
	c.stop(c.converse())
}

// stayAwake decides what a connection does next that was awake for restAfter.
func (c *conn) stayAwake() {
	now := time.Now()
	if c.resting = now.Sub(time.UnixMilli(c.session.Client.Active.Load())) >= c.server.restAfter; c.resting {
		c.note(kindAwake, 0)
		c.readUnlessEnding(time.Time{})
		return
	}
	c.readUnlessEnding(now.Add(c.server.restAfter))
}

// readUnlessEnding makes reads fail from a time on, or before, if the client has
// closed its side or the server drains: both say so before they call readUntil,
// which this must not undo.
func (c *conn) readUnlessEnding(t time.Time) {
	c.readUntil(t)
	switch {
	case c.hup.Load():
		c.readUntil(time.Now())
	case c.server.Draining():
		c.readUntil(time.Now().Add(drainTime))
	}
}
