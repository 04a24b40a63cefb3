package hashes

import (
	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/resp"
	"github.com/redistill-go/redistill/core/store"
)

func hashReadSpecs() []command.Spec {
	return []command.Spec{
		hashRow(command.Spec{
			Name: "hgetall", Handler: cmdHGetAll, Arity: 2, Flags: command.ReadOnly, Since: "2.0.0",
			Summary:    "Return all fields and values of a hash",
			Complexity: "O(N) with N being the size of the hash",
			Tips:       []string{"nondeterministic_output_order"},
			Args:       arg.List(arg.Key("key")),
		}, "RO access"),
		hashRow(command.Spec{
			Name: "hkeys", Handler: cmdHKeys, Arity: 2, Flags: command.ReadOnly, Since: "2.0.0",
			Summary:    "Return all fields of a hash",
			Complexity: "O(N) with N being the size of the hash",
			Tips:       []string{"nondeterministic_output_order"},
			Args:       arg.List(arg.Key("key")),
		}, "RO access"),
		hashRow(command.Spec{
			Name: "hvals", Handler: cmdHVals, Arity: 2, Flags: command.ReadOnly, Since: "2.0.0",
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

func cmdHGetAll(c *command.Ctx) { replyFields(c, fieldNames|fieldValues) }
func cmdHKeys(c *command.Ctx)   { replyFields(c, fieldNames) }
func cmdHVals(c *command.Ctx)   { replyFields(c, fieldValues) }

func replyFields(c *command.Ctx, what int) {
	k := c.Key(1)
	sh := c.Lock(k)
	f, ok := readFields(c, sh, k)
	z := f.Freeze(what&fieldValues != 0)
	if z != nil {
		n, known := f.Len(), f.AllLive()
		c.Unlock(sh)
		replyFrozen(c, k, z, what, n, known)
		return
	}
	defer c.Unlock(sh)
	if !ok {
		return
	}
	beginFields(c, f.Live(), what)
	w := c.W
	f.Each(func(field, value []byte, _ int64) bool {
		writeField(w, field, value, what)
		return !w.Overflow
	})
}

// replyFrozen is replyFields for a large hash, which is read in steps, as it was
// at one moment. n is how many fields it had, or, if that is not known, has at
// most: some may have expired.
func replyFrozen(c *command.Ctx, k store.Key, z *store.Freeze, what, n int, known bool) {
	w := c.W
	if known {
		beginFields(c, n, what)
	} else {
		w = c.Aside()
	}
	written := 0
	c.EachFrozen(k, z, func(field, value []byte, _ int64) bool {
		writeField(w, field, value, what)
		written++
		return !w.Overflow
	})
	if !known {
		beginFields(c, written, what)
		c.W.Join(w)
	}
}

// beginFields begins a reply with n fields.
func beginFields(c *command.Ctx, n, what int) {
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
