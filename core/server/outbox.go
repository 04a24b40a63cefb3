package server

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/redistill-go/redistill/core/buffer"
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
	chunks [][]byte // from the pool; only the last has room
	closed bool
	queued atomic.Int64 // bytes that are not sent yet
	held   int64        // bytes that the chunks take, those that are being sent included
}

// add queues b. changed is told how much is held now, under the lock.
func (o *outbox) add(pool *buffer.Pool, b []byte, changed func(held int64)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	o.queued.Add(int64(len(b)))
	if n := len(o.chunks); n == 0 || cap(o.chunks[n-1])-len(o.chunks[n-1]) < len(b) {
		// What waits in one chunk is little, and so the next one is larger.
		size := min(len(b)<<min(2*n, 8), max(len(b), buffer.ChunkSize))
		o.chunks = append(o.chunks, pool.Get(size))
		o.held += int64(cap(o.chunks[n]))
		changed(o.held)
	}
	last := &o.chunks[len(o.chunks)-1]
	*last = append(*last, b...)
}

// take takes the chunk that is next, which counts until done; nil: there is none.
func (o *outbox) take() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.chunks) == 0 {
		return nil
	}
	b := o.chunks[0]
	if o.chunks = o.chunks[1:]; len(o.chunks) == 0 {
		o.chunks = nil
	}
	return b
}

// done gives back a chunk that was taken.
func (o *outbox) done(pool *buffer.Pool, b []byte, changed func(held int64)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.held -= int64(cap(b))
	if !o.closed {
		o.queued.Add(-int64(len(b)))
	}
	changed(o.held)
	pool.Put(b)
}

// close drops what is queued and all that comes.
func (o *outbox) close(pool *buffer.Pool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, b := range o.chunks {
		pool.Put(b)
	}
	o.closed, o.chunks = true, nil
	o.queued.Store(0)
}

// conn is how others reach a client.
var _ command.Link = (*conn)(nil)

// Push implements command.Link.
func (c *conn) Push(b []byte) {
	if c.exceeds(c.out.queued.Load()+c.unread.Load()+int64(len(b)), time.Now()) {
		c.out.close(c.server.shared.Buffers)
		c.closeUnread()
		return
	}
	c.out.add(c.server.shared.Buffers, b, c.notePushes)
	c.server.heed()
	if c.wire.TryLock() {
		go c.sendPushes()
	}
}

func (c *conn) notePushes(held int64) { c.note(kindPushes, held) }

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

// sendLate is for the connection's own goroutine, when it has let go of wire: it sends
// what was queued meanwhile.
func (c *conn) sendLate() {
	if c.out.queued.Load() > 0 && c.wire.TryLock() {
		c.session.Turn.Pause() // the client may not read
		c.sendPushes()
		c.session.Turn.Begin()
	}
}

// flushPushes sends what is queued. wire is held.
func (c *conn) flushPushes(write func([]byte) error) error {
	pool := c.server.shared.Buffers
	for c.out.queued.Load() > 0 {
		b := c.out.take()
		if b == nil {
			break // it was closed
		}
		err := write(b)
		if err != nil {
			c.out.close(pool)
		}
		c.out.done(pool, b, c.notePushes)
		if err != nil {
			return err
		}
		c.server.shared.Env.Stats.NetOutput.Add(int64(len(b)))
	}
	return nil
}

// Kill implements command.Link. The client is out of the register at once,
// even if its goroutine needs a moment to notice.
func (c *conn) Kill() {
	c.condemn()
	c.server.clients.leave(c)
	// Closing waits for the connection's goroutine, which may wait for the caller.
	go c.cut()
}

// Dead implements command.Link.
func (c *conn) Dead() bool { return c.dead.Load() || c.lost.Load() }

// Buffers implements command.Link.
func (c *conn) Buffers(own bool) command.Buffers {
	b := command.Buffers{
		FD: c.shownFD, Input: int(c.arrived.Load()),
		Replies: int(c.unread.Load()), Pushes: int(c.out.queued.Load()), Total: int(c.account.sum()),
	}
	b.InputFree = max(int(c.account.of[kindInput].Load())-b.Input, 0)
	if own && c.ws != nil {
		b.Input, b.InputFree = c.ws.Input()
		b.Total += b.Input + b.InputFree
	}
	return b
}
