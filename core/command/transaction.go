package command

import (
	"strings"

	"github.com/redistill-go/redistill/core/store"
	"github.com/redistill-go/redistill/core/watch"
)

// InMulti says whether the client has begun a transaction, so that its
// commands are queued.
func (c *Client) InMulti() bool { return c.tx != nil }

// BeginTransaction makes the client queue its commands from now on.
func (c *Ctx) BeginTransaction() {
	c.Client.tx = begin(c.W.Pool)
	c.Client.queued.Store(1)
}

// Queue queues a command with the arguments that are in place, and returns how many
// bytes have been queued, of all commands. staged is what has a place of its own, which is
// taken over: it returns nil for other arguments, and is nil if there is none. The
// client is in MULTI.
func (c *Ctx) Queue(cmd *Command, staged func(i int) *store.Staged) int {
	t := c.Client.tx
	t.add(cmd, c.First.Hash, c.Args, staged)
	c.Client.queued.Add(1)
	return t.queue.bytes
}

// Multi is how many commands the client has queued, or -1 outside MULTI. It
// may be called from any goroutine.
func (c *Client) Multi() int { return int(c.queued.Load()) - 1 }

// Held is about how many bytes the client's queued commands, its watched keys, the
// prefixes that it tracks and the texts that it is known by take. It is for the
// connection's own goroutine.
func (c *Client) Held() (queued, watched, prefixed, named int) {
	if c.tx != nil {
		queued = c.tx.Size()
	}
	if c.watcher != nil {
		watched = c.watcher.Size()
	}
	return queued, watched, c.prefixed, c.named
}

// Watching is how many keys the client watches. It may be called from any
// goroutine.
func (c *Client) Watching() int { return int(c.watching.Load()) }

// AlsoFlags are the flags that EXEC has because of what it is about to execute:
// that memory is needed. Queueing is not refused for it, so that what frees
// memory runs in a transaction too; what a queue holds is the client's memory.
func (c *Client) AlsoFlags(cmd *Command) Flags {
	if c.tx != nil && cmd.RunsQueue {
		return c.tx.flags & DenyOOM
	}
	return 0
}

// Reject tells the client's transaction that a command was refused with an
// error, and returns the error to reply with. cmd is nil if there is no such
// command.
func (c *Ctx) Reject(cmd *Command, text string) string {
	if c.Client.tx != nil {
		c.Client.tx.aborted = true
	}
	if cmd == nil || !cmd.RunsQueue {
		return text
	}
	c.EndTransaction()
	return "EXECABORT Transaction discarded because of: " + strings.TrimPrefix(text, "ERR ")
}

// Aborted says whether a command was refused while the client queued, so that EXEC
// is refused too. The client is in MULTI.
func (c *Client) Aborted() bool { return c.tx.aborted }

// Doomed says whether EXEC can only fail, so that nothing need be queued any
// more. The client is in MULTI.
func (c *Client) Doomed() bool {
	return c.tx.aborted || c.watcher != nil && c.watcher.Touched()
}

// releaseAtOnce is how many watched keys are forgotten while all of them are locked
// anyway. More of them wait until the transaction has ended.
const releaseAtOnce = 64

// Exec executes what the client has queued and replies with an array of the
// replies, unless a watched key has changed, which is false. Watched keys
// are locked together with those of the queue: otherwise two transactions,
// each changing what the other has watched, could both believe that nothing
// has changed.
func (c *Ctx) Exec() (ok bool) {
	t, w := c.Client.tx, c.Client.watcher
	if w != nil && w.Touched() {
		return false
	}
	cmd, args, first, takeStaged := c.Cmd, c.Args, c.First, c.TakeStaged
	t.lock(c)
	defer func() {
		t.locks.Unlock()
		c.held, c.Cmd, c.Args, c.First, c.TakeStaged = nil, cmd, args, first, takeStaged
	}()
	if w != nil {
		if w.Check(c.Store, c.Now) {
			return false
		}
		if w.Len() <= releaseAtOnce {
			w.Release(c.Env.Watch, c.Store)
		}
	}
	c.held = &t.locks
	if c.TakeStaged = nil; len(t.queue.staged) > 0 {
		c.TakeStaged = t.takeStaged
	}
	c.W.Array(t.queue.count)
	t.run(c)
	return true
}

// EndTransaction ends MULTI and WATCH. No shard is locked.
func (c *Ctx) EndTransaction() { c.Client.EndTransaction(c.Env) }

// EndTransaction forgets what the client has queued and watched, as it must
// when it disconnects.
func (c *Client) EndTransaction(env *Env) {
	if c.tx != nil {
		c.tx.release()
		c.tx = nil
		c.queued.Store(0)
	}
	c.Unwatch(env)
}

// Unwatch forgets the keys that the client watches.
func (c *Client) Unwatch(env *Env) {
	if c.watcher != nil && c.watching.Swap(0) > 0 {
		c.watcher.Forget(env.Watch, env.Store)
	}
}

// Watch makes the client's next EXEC depend on the keys among the arguments from
// first on, each from when it is that one's turn.
func (c *Ctx) Watch(first int) {
	if c.Client.watcher == nil {
		c.Client.watcher = &watch.Watcher{}
	}
	w := c.Client.watcher
	for ; first < len(c.Args) && !c.Step(); first += KeysAtOnce {
		for _, k := range c.LockRange(first, min(first+KeysAtOnce, len(c.Args)), 1) {
			w.Watch(c.Env.Watch, c.Store.Locked(k), k, c.Now)
		}
		c.UnlockKeys()
	}
	c.Client.watching.Store(int32(w.Len()))
}
