package command

import (
	"sync"

	"github.com/redistill-go/redistill/core/store"
)

// Transaction is what a client has queued since MULTI. It is lent from a pool
// from MULTI to EXEC or DISCARD.
//
// Arguments are copied one after another into one buffer, except for large
// ones that were read to a place of their own, which is kept.
type Transaction struct {
	aborted bool  // a command was refused: EXEC will be too
	flags   Flags // of all queued commands together
	queue   []queued
	places  []place // of the arguments of all commands
	bytes   []byte
	staged  []*store.Staged // nil: taken over by its command
	size    int

	// What EXEC works with.
	running int // the command of queue that runs
	args    [][]byte
	keys    []store.Key
	locks   store.LockSet
}

// queued is a command with its arguments.
type queued struct {
	cmd     *Command
	from, n int    // in places
	hash    uint64 // of the first key
}

// place is where an argument is.
type place struct {
	off, n int
	staged int // 0: in bytes; otherwise the index in Transaction.staged, plus 1
}

// A transaction that grew larger than this is not used again.
const (
	keepQueue     = 1024
	keepQueueSize = 64 << 10
	// queuedCost is about what a queued command costs beyond its arguments,
	// and argumentCost what an argument costs beyond its bytes.
	queuedCost   = 32
	argumentCost = 48
)

var transactions = sync.Pool{New: func() any { return new(Transaction) }}

func (t *Transaction) begin(cmd *Command, first store.Key) {
	t.queue = append(t.queue, queued{cmd: cmd, from: len(t.places), hash: first.Hash})
	t.flags |= cmd.Flags
	t.size += queuedCost
}

// Add copies the next argument of the command.
func (t *Transaction) Add(arg []byte) {
	t.add(place{off: len(t.bytes), n: len(arg)})
	t.bytes = append(t.bytes, arg...)
}

// AddStaged is Add for an argument with a place of its own, which is taken over.
func (t *Transaction) AddStaged(s *store.Staged) {
	t.staged = append(t.staged, s)
	t.add(place{n: len(s.Bytes()), staged: len(t.staged)})
}

func (t *Transaction) add(p place) {
	t.places = append(t.places, p)
	t.queue[len(t.queue)-1].n++
	t.size += p.n + argumentCost
}

// Size is about how many bytes the queue holds.
func (t *Transaction) Size() int { return t.size }

// load puts the arguments of command i in place.
func (t *Transaction) load(c *Ctx, i int) {
	q := &t.queue[i]
	t.running = i
	t.args = t.args[:0]
	for _, p := range t.places[q.from : q.from+q.n] {
		if p.staged != 0 {
			t.args = append(t.args, t.staged[p.staged-1].Bytes())
			continue
		}
		t.args = append(t.args, t.bytes[p.off:p.off+p.n:p.off+p.n])
	}
	c.Args, c.First = t.args, store.Key{}
	if q.cmd.FirstKey > 0 && q.cmd.FirstKey < len(t.args) {
		c.First = store.Key{Bytes: t.args[q.cmd.FirstKey], Hash: q.hash}
	}
}

// takeStaged is Ctx.TakeStaged for the command that runs.
func (t *Transaction) takeStaged(i, keyLen int) *store.Staged {
	p := t.places[t.queue[t.running].from+i]
	if p.staged == 0 {
		return nil
	}
	s := t.staged[p.staged-1]
	if s == nil || s.KeyLen() != keyLen {
		return nil
	}
	t.staged[p.staged-1] = nil
	return s
}

// lock locks the shards of all keys of the queue and of those watched. A
// command that may touch any key makes it all shards, as so many keys do that hardly
// a shard would be left.
func (t *Transaction) lock(c *Ctx) {
	t.keys = t.keys[:0]
	if w := c.Client.watcher; w != nil {
		if w.Len() > keysInHeap {
			c.Store.LockAll(&t.locks)
			return
		}
		t.keys = w.Keys(t.keys)
	}
	for i := range t.queue {
		q := &t.queue[i]
		if q.cmd.FirstKey == 0 {
			if q.cmd.Keyless {
				continue
			}
			c.Store.LockAll(&t.locks)
			return
		}
		t.load(c, i)
		first, last, step := q.cmd.KeyRange(c.Args)
		for k := first; k <= last; k += step {
			key := c.First
			if k != first {
				key = c.Store.Key(c.Args[k])
			}
			if t.keys = append(t.keys, key); len(t.keys) > keysInHeap {
				c.Store.LockAll(&t.locks)
				return
			}
		}
	}
	for c.Store.LockKeys(&t.locks, t.keys); ; c.Store.LockKeys(&t.locks, t.keys) {
		w := c.Store.WorkOn(t.keys)
		if w == nil {
			return
		}
		t.locks.Unlock()
		w.Wait()
	}
}

// release gives back what was queued, and t itself.
func (t *Transaction) release() {
	for _, s := range t.staged {
		if s != nil {
			s.Free()
		}
	}
	if cap(t.queue) > keepQueue || cap(t.bytes) > keepQueueSize || cap(t.places) > keepQueue || cap(t.keys) > keepQueue {
		return
	}
	clear(t.queue)
	clear(t.staged)
	clear(t.args)
	clear(t.keys)
	*t = Transaction{
		queue: t.queue[:0], places: t.places[:0], bytes: t.bytes[:0], staged: t.staged[:0],
		args: t.args[:0], keys: t.keys[:0], locks: t.locks,
	}
	transactions.Put(t)
}
