package command

import "github.com/redistill-go/redistill/core/store"

// Loan is the value of a string that a command looks at. A long one is pinned
// and its shard is free: nobody waits while the command works on it, and whoever
// changes the key meanwhile makes a copy. A short one keeps its shard locked.
type Loan struct {
	Value  []byte
	sh     *store.Shard // is locked, unless pinned
	ref    uint64
	pinned bool
}

// Borrow takes the value of an entry whose shard is locked. The handler calls
// giveBack before it returns, in place of Unlock.
func (c *Ctx) Borrow(sh *store.Shard, e store.Entry) Loan {
	if v, ref, ok := sh.Pin(e); ok {
		c.Unlock(sh)
		return Loan{Value: v, ref: ref, pinned: true}
	}
	return Loan{Value: e.Value(), sh: sh}
}

// GiveBack ends borrow.
func (c *Ctx) GiveBack(l Loan) {
	if l.pinned {
		c.Store.Unpin(l.ref)
		return
	}
	c.Unlock(l.sh)
}

// BorrowString is borrow for the string that a key has, which counts as a hit or
// a miss. Where there is none, or another type of value, to which it replies, ok
// is false and nothing is to be given back.
func (c *Ctx) BorrowString(k store.Key) (l Loan, found, ok bool) {
	sh := c.Lock(k)
	e, found := sh.Get(k, c.Now)
	c.Count(found)
	if !found || c.WrongType(e, store.String) {
		c.Unlock(sh)
		return Loan{}, found, false
	}
	return c.Borrow(sh, e), true, true
}
