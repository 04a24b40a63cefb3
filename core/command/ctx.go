package command

import (
	"errors"

	"github.com/redistill-go/redistill/core/lane"
	"github.com/redistill-go/redistill/core/resp"
	"github.com/redistill-go/redistill/core/stats"
	"github.com/redistill-go/redistill/core/store"
	"github.com/redistill-go/redistill/core/sys"
)

// Ctx is what a handler works with: one command, its client and the server.
// A session keeps one and reuses it for each command.
//
// A handler writes exactly one reply to W. What Args hold is valid until the
// handler returns: whatever is kept must be copied.
type Ctx struct {
	Args   [][]byte // Args[0] is the command's name as it was sent
	W      *resp.Writer
	Store  *store.Store
	Env    *Env
	Client *Client
	Cmd    *Command
	Counts *stats.Batch
	// Now is the time of the batch in ms since the Unix epoch: all commands of
	// one pipeline batch happen at one moment.
	Now int64
	// First is the key at Spec.FirstKey, hashed when the batch was read. Unset
	// for commands without keys.
	First store.Key
	// TakeStaged hands over argument i if it is large and was read to where
	// its value would stay under a key of keyLen bytes; nil: no argument was.
	TakeStaged func(i, keyLen int) *store.Staged

	Caller Caller
	// Turn is the client's: see Rest and Blocks.
	Turn *lane.Turn

	// Keys are those of the last LockRange.
	Keys []store.Key
	// Pairs and Copies are for handlers of many keys and of long hashes, which leave them
	// empty, and that point to nothing: memory that is used again by the next command.
	Pairs  []store.Pair
	Copies store.Copies
	// Scratch is for handlers to append to; its contents end with the command.
	Scratch []byte

	// held are the shards that a transaction has locked for its commands, which
	// then lock nothing themselves; nil outside EXEC.
	held  *store.LockSet
	many  []byte // the buffers' memory that Keys are in if they are many
	locks store.LockSet
	aside resp.Writer
	work  *store.Work // of the command itself
}

// Reset forgets the client and its command, and keeps memory that can be used
// again. It comes with every batch, and the context is large: what has always the
// same value is left.
func (c *Ctx) Reset() {
	c.Args, c.Client, c.Cmd, c.TakeStaged = nil, nil, nil, nil
	c.First, c.Now, c.held = store.Key{}, 0, nil
	c.Keys, c.Pairs, c.Scratch = c.Keys[:0], nil, c.Scratch[:0]
	if c.aside.Pool != nil {
		c.aside.Release()
		c.aside = resp.Writer{}
	}
}

// Aside is a writer for what W gets later, through its Join, when what comes
// before it is known. It is empty, and there is one.
func (c *Ctx) Aside() *resp.Writer {
	c.aside.Release()
	c.aside.Proto, c.aside.Limit, c.aside.Pool = c.W.Proto, c.W.Limit, c.W.Pool
	return &c.aside
}

// Key is argument i as a key. It points to the argument: it is valid until the handler
// returns.
func (c *Ctx) Key(i int) store.Key {
	if i == c.Cmd.FirstKey {
		return c.First
	}
	return c.Store.Key(c.Args[i])
}

// Lock locks the key's shard, which waits for whoever has it, and for a command that works
// on this key in steps. The handler calls Unlock before it returns, and locks nothing else
// meanwhile. The key is one of those that Spec tells of. What the shard gives, entries and
// values, is valid until it is changed or unlocked. In a transaction the shard is locked
// already, and stays so.
func (c *Ctx) Lock(k store.Key) *store.Shard {
	var sh *store.Shard
	if c.held != nil {
		sh = c.held.Locked(k)
	} else {
		sh = c.Store.Lock(k)
	}
	if sh.Attended() || c.Client.mode != 0 {
		c.awaitWork(sh, k)
		c.entered(sh, k)
	}
	return sh
}

// awaitWork returns with the key's shard, which is locked, when nobody else is at
// work on the key.
func (c *Ctx) awaitWork(sh *store.Shard, k store.Key) {
	for c.held == nil {
		w := sh.WorkOn(k)
		if w == nil || w == c.work {
			return
		}
		sh.Unlock()
		c.await(w)
		c.Store.Lock(k)
	}
}

// Unlock ends Lock. It is for the shard that Lock returned.
func (c *Ctx) Unlock(sh *store.Shard) {
	if c.Client.mode != 0 {
		sh.Quiet(false)
	}
	if c.held == nil {
		sh.Unlock()
	}
}

// Whole is access to the whole store. The handler locks nothing meanwhile.
func (c *Ctx) Whole() store.Whole {
	if c.held != nil {
		return c.held.Whole()
	}
	return c.Store.Whole()
}

// LockKeys hashes the arguments from first on, step apart, and locks all their
// shards; c.Store.Locked gives each. The handler calls UnlockKeys before it
// returns.
func (c *Ctx) LockKeys(first, step int) []store.Key { return c.LockRange(first, len(c.Args), step) }

// LockRange is LockKeys for the arguments before end.
func (c *Ctx) LockRange(first, end, step int) []store.Key {
	c.roomForKeys((end - first + step - 1) / step)
	for i := first; i < end; i += step {
		c.Keys = append(c.Keys, c.Store.Key(c.Args[i]))
	}
	remember := true
	if c.held == nil {
		if len(c.Keys) > rememberAtOnce && c.Client.remembers(c.Cmd) {
			c.rememberMany()
			remember = false
		}
		for c.Store.LockKeys(&c.locks, c.Keys); ; c.Store.LockKeys(&c.locks, c.Keys) {
			w := c.Store.WorkOn(c.Keys)
			if w == nil {
				break
			}
			c.locks.Unlock()
			c.await(w)
		}
	} else {
		for _, k := range c.Keys {
			c.held.Locked(k) // builds with checks refuse a key that EXEC didn't lock
		}
	}
	c.enteredAll(remember)
	return c.Keys
}

// UnlockKeys ends LockKeys.
func (c *Ctx) UnlockKeys() {
	if c.Client.mode != 0 {
		for _, k := range c.Keys {
			c.Store.Locked(k).Quiet(false)
		}
	}
	c.locks.Unlock()
	if c.many != nil {
		c.W.Pool.Put(c.many)
		c.Keys, c.many = nil, nil
	}
}

// keysInHeap is how many keys are on the Go heap at most.
const keysInHeap = 4096

// roomForKeys makes room for n keys. Many are where buffers are, though the
// collector does not look there: they point to what the session holds.
func (c *Ctx) roomForKeys(n int) {
	switch {
	case n <= cap(c.Keys):
		c.Keys = c.Keys[:0]
	case n <= keysInHeap || c.W.Pool == nil:
		c.Keys = make([]store.Key, 0, max(n, min(2*cap(c.Keys), keysInHeap)))
	default:
		c.many = c.W.Pool.Get(n * sys.SizeOf[store.Key]())
		c.Keys = sys.Lend[store.Key](c.many)[:0]
	}
}

// ReplyValue writes the value of a string, which for a large one means pointing at it
// until it is sent. The shard is locked.
func (c *Ctx) ReplyValue(sh *store.Shard, e store.Entry) {
	if v, ref, ok := sh.Pin(e); ok {
		c.W.Refer(v, ref)
		return
	}
	c.W.Bulk(e.Value())
}

// SetValue makes the key hold argument i as a string, which expires at expireAt in ms since
// the Unix epoch, 0: never. The shard is locked. On an error, which is for Fail, the key
// holds what it held. Entries of the key are invalid afterwards.
func (c *Ctx) SetValue(sh *store.Shard, k store.Key, i int, expireAt int64) error {
	if c.TakeStaged != nil {
		if s := c.TakeStaged(i, len(k.Bytes)); s != nil {
			err := sh.PutStaged(k, s, expireAt, c.Now)
			if err != nil {
				s.Free()
			}
			return err
		}
	}
	return sh.Set(k, c.Args[i], expireAt, c.Now)
}

// Hit counts a key that a read command found, for keyspace_hits of INFO.
func (c *Ctx) Hit() { c.Counts.Hits++ }

// Miss counts a key that a read command did not find, for keyspace_misses.
func (c *Ctx) Miss() { c.Counts.Misses++ }

// Fail replies with what went wrong in the store: with OOM where there was no memory, else
// with ERR and the error's text, which is one line.
func (c *Ctx) Fail(err error) {
	switch {
	case errors.Is(err, store.ErrNoMemory):
		c.W.Error("OOM " + err.Error())
	default:
		c.W.Error("ERR " + err.Error())
	}
}

// Count counts a key that a read command looked for.
func (c *Ctx) Count(hit bool) {
	if hit {
		c.Hit()
	} else {
		c.Miss()
	}
}

// ReplyOK replies with OK, or with what went wrong in the store.
func (c *Ctx) ReplyOK(err error) {
	if err != nil {
		c.Fail(err)
		return
	}
	c.W.OK()
}

// Caller executes a command whose arguments are in place in Ctx, and counts and
// times it, for EXEC, which does so in the midst of its own call.
type Caller interface {
	Call(cmd *Command)
}

// InExec says whether EXEC runs the command: its shards are locked until all of the
// transaction has run, and others wait for them.
func (c *Ctx) InExec() bool { return c.held != nil }

// Peek finds a key, whose shard is locked, for a command that reads about it and not its
// value, which is no access in the eyes of the eviction policy. It counts it as Count does.
func (c *Ctx) Peek(sh *store.Shard, k store.Key) (store.Entry, bool) {
	e, ok := sh.Peek(k, c.Now)
	c.Count(ok)
	return e, ok
}

// ReplyBool replies with 1 or 0.
func (c *Ctx) ReplyBool(yes bool) {
	if yes {
		c.W.Int(1)
		return
	}
	c.W.Int(0)
}

// KeysAtOnce is how many keys a command that only counts them works on with their
// shards locked: there may be millions, and others want their shards as well.
const KeysAtOnce = 1024
