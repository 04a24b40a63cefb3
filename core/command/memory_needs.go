package command

import (
	"github.com/redistill-go/redistill/core/store"
	"github.com/redistill-go/redistill/core/sys"
)

// How much memory commands may take beyond that of their arguments, so that one
// that does not fit is refused before it takes any: see Spec.Grows. Arguments
// that are wrong add nothing; the command says what is wrong with them.

// HeldTwice is the length in bytes from which a value that has to move for want
// of room behind it counts as an addition: it is there twice for a moment.
const HeldTwice = 8 << 20

// Adds is about how many bytes the command may add to the store; queued: nothing,
// since it is not executed yet. Args, First, Cmd and TakeStaged
// are set, and no shard is locked.
func (c *Ctx) Adds(queued bool) int64 {
	n := argumentSize * int64(len(c.Args))
	for _, a := range c.Args {
		if !c.isStaged(a) {
			n += int64(len(a))
		}
	}
	switch {
	case queued:
		return 0 // it is the client's
	case c.Cmd.Grows != nil:
		n += c.Cmd.Grows(c)
	case c.Client.tx != nil && c.Cmd.RunsQueue:
		n += c.Client.tx.adds(c)
	default:
		n += GrowsLong(c) // they are taken over
	}
	return n
}

// adds is what the queued commands may add.
func (t *Transaction) adds(c *Ctx) (n int64) {
	cmd, args, first, takeStaged := c.Cmd, c.Args, c.First, c.TakeStaged
	if c.TakeStaged = nil; len(t.queue.staged) > 0 {
		c.TakeStaged = t.takeStaged
	}
	at := place{}
	for range t.queue.count {
		c.Cmd = t.load(c, at)
		at = t.running.next
		if c.Cmd.Flags.Has(DenyOOM) {
			n += c.Adds(false)
		}
	}
	c.Cmd, c.Args, c.First, c.TakeStaged = cmd, args, first, takeStaged
	return n
}

// isStaged says whether an argument has memory of its own already, which is the
// client's until a command takes it.
func (c *Ctx) isStaged(arg []byte) bool { return c.TakeStaged != nil && len(arg) >= store.PinMin }

// argumentSize is about what an argument takes in the store beside its bytes.
const argumentSize = 8

// PeekAt calls f with the key's entry, if there is one, and the shard locked. It is for
// Spec.Grows, which is called while no shard is locked, before the command is executed or
// EXEC has locked its keys. f changes nothing.
func (c *Ctx) PeekAt(k store.Key, f func(*store.Shard, store.Entry)) {
	sh := c.Store.Lock(k)
	defer sh.Unlock()
	if e, ok := sh.Peek(k, c.Now); ok {
		f(sh, e)
	}
}

// StringLen is the length in bytes of the string that the key holds, 0 if there is none.
// It is for Spec.Grows.
func (c *Ctx) StringLen(k store.Key) (n int64) {
	c.PeekAt(k, func(_ *store.Shard, e store.Entry) {
		if e.Type() == store.String {
			n = int64(e.Len())
		}
	})
	return n
}

// GrowsTo is how many bytes it takes to make the key's string n bytes long. It is for
// Spec.Grows.
func (c *Ctx) GrowsTo(k store.Key, n int64) int64 {
	if n < store.PinMin { // not worth a look at what is there
		return n
	}
	switch had := c.StringLen(k); {
	case had >= n:
		return 0
	case had >= HeldTwice:
		return c.Beside(had, n)
	default:
		return n - had
	}
}

// Beside is n, the bytes that a command adds, or more than the limit if they can't
// be in memory together with those that it reads: then nothing is evicted for
// them, which could be what is read.
func (c *Ctx) Beside(read, n int64) int64 {
	if n >= HeldTwice && read+n > c.Store.Memory().Limit {
		return read + n
	}
	return n
}

// GrowsLong is for commands that store the values among their arguments, long
// ones too.
func GrowsLong(c *Ctx) (n int64) {
	for _, a := range c.Args {
		if c.isStaged(a) {
			n += int64(len(a))
		}
	}
	return n
}

// Work is about what a command takes for each of its arguments, in bytes beside the
// list of them: while it runs, or for as long as the client wants. It counts where
// there are very many, which then wait until there is room for that.
type Work struct {
	PerArgument int64
	// Keeps says that it copies what the arguments hold, too.
	Keeps bool
}

// Of is how much that is for n arguments which hold so many bytes together.
func (w Work) Of(n, bytes int64) int64 {
	if !w.Keeps {
		bytes = 0
	}
	return n*w.PerArgument + bytes
}

// Queueing is the work of queueing a command.
var Queueing = Work{PerArgument: argumentWork, Keeps: true}

// KeyWork is what a key takes that is locked together with all others.
const KeyWork = 32

// PairWork is what a key and its value take until all of them are stored.
var PairWork = int64(sys.SizeOf[store.Pair]() + KeyWork)
