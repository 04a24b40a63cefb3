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

// Borrow takes the value of a string, an entry whose shard Lock has locked. The handler
// calls GiveBack before it returns, in place of Unlock, and touches neither the shard nor
// the entry again.
func (c *Ctx) Borrow(sh *store.Shard, e store.Entry) Loan {
	if v, ref, ok := sh.Pin(e); ok {
		c.Unlock(sh)
		return Loan{Value: v, ref: ref, pinned: true}
	}
	return Loan{Value: e.Value(), sh: sh}
}

// GiveBack ends Borrow, and unlocks the shard if that is still locked.
func (c *Ctx) GiveBack(l Loan) {
	if l.pinned {
		c.Store.Unpin(l.ref)
		return
	}
	c.Unlock(l.sh)
}

// BorrowString is Lock and Borrow for the string that a key has, which counts as a hit
// or a miss. Where there is none, or another type of value, to which it replies, ok
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

// EachFrozen calls f for each field that z has, until f fails or the client is
// gone, and closes z. The key's shard is locked for each step alone, and not
// while f runs. whole says that f was called for all fields.
func (c *Ctx) EachFrozen(k store.Key, z *store.Freeze, f func(field, value []byte, expireAt int64) bool) (whole bool) {
	defer c.Copies.Free()
	for {
		c.Copies.Free()
		sh := c.Lock(k)
		more := z.Read(&c.Copies)
		if !more {
			z.Close()
		}
		c.Unlock(sh)
		ok := true
		for i := 0; ok && i < c.Copies.Len(); i++ {
			name, value := c.Copies.Field(i)
			ok = f(name, value, c.Copies.FieldExpiry(i))
		}
		if !more {
			return ok
		}
		if !ok || c.Step() {
			sh := c.Lock(k)
			z.Close()
			c.Unlock(sh)
			return false
		}
	}
}
