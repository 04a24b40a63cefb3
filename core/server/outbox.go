package server

import (
	"sync"
	"sync/atomic"

	"github.com/redistill-go/redistill/core/command"
)

// outbox is what others have to say to a client: messages that wait until the
// connection is free.
//
// Whoever writes to the connection holds conn.wire: its own goroutine from
// before it executes requests until the replies are sent, so that a client's
// reply comes before the messages that its command caused; or a goroutine that
// was started to send messages while the connection is idle. Whoever lets go
// of wire looks afterwards whether messages have come meanwhile. So a message
// is never left behind, and whoever causes one never waits.
type outbox struct {
	mu     sync.Mutex
	buf    []byte
	spare  []byte // an empty buffer to go on with; nil: none
	closed bool
	queued atomic.Int64 // bytes that are not sent yet
}

// keepOutbox is the most bytes of an empty outbox that are kept.
const keepOutbox = 4 << 10

// add queues b unless that is too much.
func (o *outbox) add(b []byte, limit int) (ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return true
	}
	if int(o.queued.Load())+len(b) > limit {
		o.closed, o.buf = true, nil
		o.queued.Store(0)
		return false
	}
	if o.buf == nil {
		o.buf, o.spare = o.spare, nil
	}
	o.buf = append(o.buf, b...)
	o.queued.Add(int64(len(b)))
	return true
}

// take takes what is queued, which counts as queued until done.
func (o *outbox) take() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	b := o.buf
	o.buf = nil
	return b
}

// done tells that b was sent.
func (o *outbox) done(b []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	o.queued.Add(-int64(len(b)))
	if o.buf == nil && cap(b) <= keepOutbox {
		o.spare = b[:0]
	}
}

// close drops what is queued and all that comes.
func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed, o.buf, o.spare = true, nil, nil
	o.queued.Store(0)
}

// conn is how others reach a client.
var _ command.Link = (*conn)(nil)

// Push implements command.Link.
func (c *conn) Push(b []byte) {
	if !c.out.add(b, c.server.shared.OutputLimit) {
		c.server.shared.Env.Stats.OutputLimitCloses.Add(1)
		c.Kill()
		return
	}
	if c.wire.TryLock() {
		go c.sendPushes()
	}
}

// sendPushes sends what is queued and lets go of wire, which the caller holds.
func (c *conn) sendPushes() {
	for {
		err := c.flushPushes(func(b []byte) error { _, err := c.nc.Write(b); return err })
		c.wire.Unlock()
		if err != nil || c.out.queued.Load() == 0 || !c.wire.TryLock() {
			return
		}
	}
}

// flushPushes sends what is queued. wire is held.
func (c *conn) flushPushes(write func([]byte) error) error {
	for c.out.queued.Load() > 0 {
		b := c.out.take()
		if err := write(b); err != nil {
			c.out.close()
			return err
		}
		c.out.done(b)
		c.server.shared.Env.Stats.NetOutput.Add(int64(len(b)))
	}
	return nil
}

// Kill implements command.Link. The client is out of the register at once,
// even if its goroutine needs a moment to notice.
func (c *conn) Kill() {
	c.dead.Store(true)
	c.server.clients.leave(c)
	// Closing waits for the connection's goroutine, which may wait for the caller.
	go c.cut()
}

// Dead implements command.Link.
func (c *conn) Dead() bool { return c.dead.Load() || c.lost.Load() }

// Buffers implements command.Link.
func (c *conn) Buffers(own bool) command.Buffers {
	b := command.Buffers{
		FD: c.shownFD, Input: int(c.keptIn.Load()), InputFree: int(c.keptFree.Load()),
		Replies: int(c.blocked.Load()), Pushes: int(c.out.queued.Load()),
	}
	if own && c.ws != nil {
		b.Input, b.InputFree = c.ws.Input()
	}
	return b
}
