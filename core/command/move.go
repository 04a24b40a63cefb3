package command

import (
	"math"

	"github.com/redistill-go/redistill/core/store"
)

const errNoKey = "ERR no such key"

func cmdRename(c *Ctx)   { c.rename(false) }
func cmdRenameNX(c *Ctx) { c.rename(true) }

func (c *Ctx) rename(nx bool) {
	keys := c.LockRange(1, 3, 1)
	defer c.UnlockKeys()
	from, to := keys[0], keys[1]
	e, found := c.Store.Locked(from).Peek(from, c.Now)
	if !found {
		c.W.Error(errNoKey)
		return
	}
	same := string(from.Bytes) == string(to.Bytes)
	if nx {
		if _, taken := c.Store.Locked(to).Peek(to, c.Now); taken || same {
			c.W.Int(0)
			return
		}
	}
	if !same {
		moved, err := c.Store.Locked(to).MoveHash(c.Store.Locked(from), e, to, c.Now)
		if !moved && err == nil {
			err = c.copyEntry(c.Store.Locked(from), e, to)
		}
		if err != nil {
			c.Fail(err)
			return
		}
		c.Store.Locked(from).Delete(from, c.Now)
	}
	if nx {
		c.W.Int(1)
		return
	}
	c.W.OK()
}

func cmdCopy(c *Ctx) {
	replace, ok := c.copyOptions()
	if !ok {
		return
	}
	keys := c.LockRange(1, 3, 1)
	defer c.UnlockKeys()
	from, to := keys[0], keys[1]
	if string(from.Bytes) == string(to.Bytes) {
		c.W.Error("ERR source and destination objects are the same")
		return
	}
	e, found := c.Store.Locked(from).Get(from, c.Now)
	c.count(found)
	if !found {
		c.W.Int(0)
		return
	}
	if _, taken := c.Store.Locked(to).Peek(to, c.Now); taken && !replace {
		c.W.Int(0)
		return
	}
	if err := c.copyEntry(c.Store.Locked(from), e, to); err != nil {
		c.Fail(err)
		return
	}
	c.W.Int(1)
}

// copyOptions reads COPY's [DB number] [REPLACE]. On an error it replies and
// returns false.
func (c *Ctx) copyOptions() (replace, ok bool) {
	for i := 3; i < len(c.Args); i++ {
		switch a := c.Args[i]; {
		case equalFold(a, "replace"):
			replace = true
		case equalFold(a, "db") && i+1 < len(c.Args):
			i++
			if !c.database(i) {
				return false, false
			}
		default:
			c.W.Error(errSyntax)
			return false, false
		}
	}
	return replace, true
}

// database reads argument i as the number of the only database. On an error it
// replies and returns false.
func (c *Ctx) database(i int) bool {
	n, ok := c.integer(i)
	switch {
	case !ok:
		c.W.Error(errNotInteger)
	case n < math.MinInt32 || n > math.MaxInt32:
		c.W.Error("ERR value is out of range, value must between -2147483648 and 2147483647")
	case n != 0:
		c.W.Error("ERR DB index is out of range")
	default:
		return true
	}
	return false
}

// copyEntry makes the key to hold what e, of the shard from, holds, its expiry
// included. Both shards are locked; e is invalid afterwards.
func (c *Ctx) copyEntry(from *store.Shard, e store.Entry, to store.Key) error {
	if e.Type() == store.Hash {
		return c.copyHash(from, e, to)
	}
	value := e.Value()
	dst, err := c.Store.Locked(to).Put(to, e.Type(), len(value), e.ExpireAt(), c.Now)
	if err == nil {
		copy(dst, value)
	}
	return err
}
