package command

import (
	"sync"

	"github.com/redistill-go/redistill/core/buffer"
	"github.com/redistill-go/redistill/core/store"
	"github.com/redistill-go/redistill/core/sys"
)

// Transaction is what a client has queued since MULTI. It is lent from a pool
// from MULTI to EXEC or DISCARD.
type Transaction struct {
	aborted bool  // a command was refused: EXEC will be too
	all     bool  // a command may touch any key
	flags   Flags // of all queued commands together
	keyed   int   // keys of all queued commands together
	queue   requests

	// What EXEC works with.
	running request // the command that runs
	args    [][]byte
	vector  []byte // the pool's memory that args are in if they are many
	keys    []store.Key
	locks   store.LockSet
}

// keepQueue is how many places for arguments and keys a transaction may have that is
// used again.
const keepQueue = 1024

// argumentWork is what an argument takes that is queued beside its bytes.
const argumentWork = lengthSize

var transactions = sync.Pool{New: func() any { return new(Transaction) }}

// begin begins a transaction whose queue is in the pool's memory; nil: the Go heap.
func begin(pool *buffer.Pool) *Transaction {
	t := transactions.Get().(*Transaction)
	t.queue.pool = pool
	return t
}

// add queues a command: see requests.add.
func (t *Transaction) add(cmd *Command, hash uint64, args [][]byte, staged func(i int) *store.Staged) {
	t.flags |= cmd.Flags
	if cmd.FirstKey > 0 {
		first, last, step := cmd.KeyRange(args)
		t.keyed += max((last-first+step)/step, 0)
	} else if !cmd.Keyless {
		t.all = true
	}
	t.queue.add(cmd.Index, hash, args, staged)
}

// Size is how many bytes the queue holds.
func (t *Transaction) Size() int { return t.queue.held }

// load puts the arguments of the command at a place in place, and returns it.
func (t *Transaction) load(c *Ctx, at place) *Command {
	t.running = t.queue.read(at)
	q := &t.running
	t.room(q.args)
	t.args = t.queue.arguments(q, t.args[:0])
	c.Args, c.First = t.args, store.Key{}
	cmd := c.Env.Table.At(q.index)
	if cmd.FirstKey > 0 && cmd.FirstKey < len(t.args) {
		c.First = store.Key{Bytes: t.args[cmd.FirstKey], Hash: q.hash}
	}
	return cmd
}

// room makes room for the arguments of a command. Many are in the pool's memory,
// though the collector does not look there: what they point to is the queue's.
func (t *Transaction) room(n int) {
	switch {
	case n <= cap(t.args):
	case n <= argsInHeap || t.queue.pool == nil:
		t.args = make([][]byte, 0, max(n, min(2*cap(t.args), argsInHeap)))
	default:
		t.queue.pool.Put(t.vector)
		t.vector = t.queue.pool.Get(n * sys.SizeOf[[]byte]())
		t.args = sys.Lend[[]byte](t.vector)
	}
}

// argsInHeap is how many arguments of a queued command are listed on the Go heap at
// most. The list of more is a mapping of its own, and so begins with zeros, as it must.
const argsInHeap = 4096

// takeStaged is Ctx.TakeStaged for the command that runs.
func (t *Transaction) takeStaged(i, keyLen int) *store.Staged {
	at := t.queue.stagedAt(&t.running, i)
	if at < 0 || t.queue.staged[at] == nil || t.queue.staged[at].KeyLen() != keyLen {
		return nil
	}
	return t.queue.take(at)
}

// lock locks the shards of all keys of the queue and of those watched. A
// command that may touch any key makes it all shards, as so many keys do that hardly
// a shard would be left.
func (t *Transaction) lock(c *Ctx) {
	w := c.Client.watcher
	watched := 0
	if w != nil {
		watched = w.Len()
	}
	if t.all || t.keyed+watched > keysInHeap {
		c.Store.LockAll(&t.locks)
		return
	}
	if t.keys = t.keys[:0]; cap(t.keys) < t.keyed+watched {
		t.keys = make([]store.Key, 0, t.keyed+watched)
	}
	if watched > 0 {
		t.keys = w.Keys(t.keys)
	}
	at := place{}
	for range t.queue.count {
		cmd := t.load(c, at)
		at = t.running.next
		if cmd.FirstKey == 0 {
			continue
		}
		first, last, step := cmd.KeyRange(c.Args)
		for k := first; k <= last; k += step {
			key := c.First
			if k != first {
				key = c.Store.Key(c.Args[k])
			}
			t.keys = append(t.keys, key)
		}
	}
	for c.Store.LockKeys(&t.locks, t.keys); ; c.Store.LockKeys(&t.locks, t.keys) {
		w := c.Store.WorkOn(t.keys)
		if w == nil {
			return
		}
		t.locks.Unlock()
		c.await(w)
	}
}

// run executes the queued commands, one after the other, and gives each back that was
// executed. Their shards are locked.
func (t *Transaction) run(c *Ctx) {
	at := place{}
	for range t.queue.count {
		cmd := t.load(c, at)
		at = t.running.next
		c.Caller.Call(cmd)
		t.queue.done(&t.running)
	}
}

// release gives back what was queued, and t itself.
func (t *Transaction) release() {
	t.queue.pool.Put(t.vector)
	if t.vector != nil || cap(t.args) > keepQueue {
		t.args = nil
	}
	if cap(t.keys) > keepQueue {
		t.keys = nil
	}
	clear(t.args)
	clear(t.keys)
	t.queue.clear()
	*t = Transaction{queue: t.queue, args: t.args[:0], keys: t.keys[:0], locks: t.locks}
	transactions.Put(t)
}
