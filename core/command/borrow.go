package command

import "github.com/redistill-go/redistill/core/store"

// loan is the value of a string that a command looks at. A long one is pinned
// and its shard is free: nobody waits while the command works on it, and whoever
// changes the key meanwhile makes a copy. A short one keeps its shard locked.
type loan struct {
	value  []byte
	sh     *store.Shard // is locked, unless pinned
	ref    uint64
	pinned bool
}

// borrow takes the value of an entry whose shard is locked. The handler calls
// giveBack before it returns, in place of Unlock.
func (c *Ctx) borrow(sh *store.Shard, e store.Entry) loan {
	if v, ref, ok := sh.Pin(e); ok {
		c.Unlock(sh)
		return loan{value: v, ref: ref, pinned: true}
	}
	return loan{value: e.Value(), sh: sh}
}

// giveBack ends borrow.
func (c *Ctx) giveBack(l loan) {
	if l.pinned {
		c.Store.Unpin(l.ref)
		return
	}
	c.Unlock(l.sh)
}

// borrowString is borrow for the string that a key has, which counts as a hit or
// a miss. Where there is none, or another type of value, to which it replies, ok
// is false and nothing is to be given back.
func (c *Ctx) borrowString(k store.Key) (l loan, found, ok bool) {
	sh := c.Lock(k)
	e, found := sh.Get(k, c.Now)
	c.count(found)
	if !found || c.wrongType(e, store.String) {
		c.Unlock(sh)
		return loan{}, found, false
	}
	return c.borrow(sh, e), true, true
}
