package command

import (
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/resp"
	"github.com/redistill-go/redistill/core/store"
)

func hashReadSpecs() []Spec {
	return []Spec{
		hashRow(Spec{
			Name: "hgetall", Handler: cmdHGetAll, Arity: 2, Flags: ReadOnly, Since: "2.0.0",
			Summary:    "Return all fields and values of a hash",
			Complexity: "O(N) with N being the size of the hash",
			Tips:       []string{"nondeterministic_output_order"},
			Args:       arg.List(arg.Key("key")),
		}, "RO access"),
		hashRow(Spec{
			Name: "hkeys", Handler: cmdHKeys, Arity: 2, Flags: ReadOnly, Since: "2.0.0",
			Summary:    "Return all fields of a hash",
			Complexity: "O(N) with N being the size of the hash",
			Tips:       []string{"nondeterministic_output_order"},
			Args:       arg.List(arg.Key("key")),
		}, "RO access"),
		hashRow(Spec{
			Name: "hvals", Handler: cmdHVals, Arity: 2, Flags: ReadOnly, Since: "2.0.0",
			Summary:    "Return all values of a hash",
			Complexity: "O(N) with N being the size of the hash",
			Tips:       []string{"nondeterministic_output_order"},
			Args:       arg.List(arg.Key("key")),
		}, "RO access"),
	}
}

// What of each field a reply has.
const (
	fieldNames = 1 << iota
	fieldValues
)

func cmdHGetAll(c *Ctx) { c.replyFields(fieldNames | fieldValues) }
func cmdHKeys(c *Ctx)   { c.replyFields(fieldNames) }
func cmdHVals(c *Ctx)   { c.replyFields(fieldValues) }

func (c *Ctx) replyFields(what int) {
	k := c.Key(1)
	sh := c.Lock(k)
	f, ok := c.readFields(sh, k)
	z := f.Freeze(what&fieldValues != 0)
	if z != nil {
		n, known := f.Len(), f.AllLive()
		c.Unlock(sh)
		c.replyFrozen(k, z, what, n, known)
		return
	}
	defer c.Unlock(sh)
	if !ok {
		return
	}
	c.beginFields(f.Live(), what)
	w := c.W
	f.Each(func(field, value []byte, _ int64) bool {
		writeField(w, field, value, what)
		return !w.Overflow
	})
}

// replyFrozen is replyFields for a large hash, which is read in steps, as it was
// at one moment. n is how many fields it had, or, if that is not known, has at
// most: some may have expired.
func (c *Ctx) replyFrozen(k store.Key, z *store.Freeze, what, n int, known bool) {
	w := c.W
	if known {
		c.beginFields(n, what)
	} else {
		w = c.Aside()
	}
	written := 0
	c.eachFrozen(k, z, func(field, value []byte, _ int64) bool {
		writeField(w, field, value, what)
		written++
		return !w.Overflow
	})
	if !known {
		c.beginFields(written, what)
		c.W.Join(w)
	}
}

// eachFrozen calls f for each field that z has, until f fails or the client is
// gone, and closes z. The key's shard is locked for each step alone, and not
// while f runs. whole says that f was called for all fields.
func (c *Ctx) eachFrozen(k store.Key, z *store.Freeze, f func(field, value []byte, expireAt int64) bool) (whole bool) {
	defer c.copies.Free()
	for {
		c.copies.Free()
		sh := c.Lock(k)
		more := z.Read(&c.copies)
		if !more {
			z.Close()
		}
		c.Unlock(sh)
		ok := true
		for i := 0; ok && i < c.copies.Len(); i++ {
			name, value := c.copies.Field(i)
			ok = f(name, value, c.copies.FieldExpiry(i))
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

// beginFields begins a reply with n fields.
func (c *Ctx) beginFields(n, what int) {
	if what == fieldNames|fieldValues {
		c.W.Map(n)
		return
	}
	c.W.Array(n)
}

func writeField(w *resp.Writer, field, value []byte, what int) {
	if what&fieldNames != 0 {
		w.Bulk(field)
	}
	if what&fieldValues != 0 {
		w.Bulk(value)
	}
}
