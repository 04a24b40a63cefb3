package command

import "github.com/redistill-go/redistill/core/store"

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
		if !ok || c.Gone() {
			sh := c.Lock(k)
			z.Close()
			c.Unlock(sh)
			return false
		}
	}
}
