package hashes

import (
	"slices"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/store"
)

const hashGroup = "hash"

var (
	fieldValue  = arg.Multiple(arg.Block("data", arg.String("field"), arg.String("value")))
	namedFields = arg.After("FIELDS", arg.Block("fields", arg.Integer("numfields"), arg.Multiple(arg.String("field"))))
)

// hashRow fills in what all hash commands have in common: one key, first.
func hashRow(s command.Spec, access string) command.Spec {
	s.FirstKey, s.LastKey, s.KeyStep, s.KeyAccess = 1, 1, 1, access
	s.Categories |= command.CatHash
	s.Group = hashGroup
	return s
}

func hashSpecs() []command.Spec {
	return []command.Spec{
		hashRow(command.Spec{
			Name: "hexists", Handler: cmdHExists, Arity: 3, Flags: command.ReadOnly | command.Fast, Brief: true, Since: "2.0.0",
			Summary:    "Say whether a field of a hash exists",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.String("field")),
		}, "RO"),
		hashRow(command.Spec{
			Name: "hget", Handler: cmdHGet, Arity: 3, Flags: command.ReadOnly | command.Fast, Brief: true, Since: "2.0.0",
			Summary:    "Return the value of a field of a hash",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.String("field")),
		}, "RO access"),
		hashRow(command.Spec{
			Name: "hlen", Handler: cmdHLen, Arity: 2, Flags: command.ReadOnly | command.Fast, Brief: true, Since: "2.0.0",
			Summary:    "Return the number of fields of a hash",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key")),
		}, "RO"),
		hashRow(command.Spec{
			Name: "hmget", Handler: cmdHMGet, Arity: -3, Flags: command.ReadOnly | command.Fast, Since: "2.0.0",
			Summary:    "Return the values of several fields of a hash",
			Complexity: "O(N) with N being the number of fields",
			Args:       arg.List(arg.Key("key"), arg.Multiple(arg.String("field"))),
		}, "RO access"),
		hashRow(command.Spec{
			Name: "hstrlen", Handler: cmdHStrLen, Arity: 3, Flags: command.ReadOnly | command.Fast, Brief: true, Since: "3.2.0",
			Summary:    "Return the length of the value of a field of a hash in bytes",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.String("field")),
		}, "RO"),
		hashRow(command.Spec{
			Name: "hdel", Handler: cmdHDel, Arity: -3, Flags: command.Write | command.Fast, Since: "2.0.0",
			Summary:    "Delete fields of a hash, and the hash with the last one",
			Complexity: "O(N) with N being the number of fields",
			Args:       arg.List(arg.Key("key"), arg.Multiple(arg.String("field"))),
		}, "RW delete"),
		hashRow(command.Spec{
			Name: "hmset", Grows: command.GrowsLong, Handler: cmdHMSet, Arity: -4, Flags: command.Write | command.DenyOOM | command.Fast, Since: "2.0.0",
			Summary:    "Set the values of several fields of a hash; prefer HSET",
			Complexity: "O(N) with N being the number of fields",
			Args:       arg.List(arg.Key("key"), fieldValue),
		}, "RW update"),
		hashRow(command.Spec{
			Name: "hset", Grows: command.GrowsLong, Handler: cmdHSet, Arity: -4, Flags: command.Write | command.DenyOOM | command.Fast, Brief: true, Since: "2.0.0",
			Summary:    "Set the values of fields of a hash",
			Complexity: "O(N) with N being the number of fields",
			Args:       arg.List(arg.Key("key"), fieldValue),
		}, "RW update"),
		hashRow(command.Spec{
			Name: "hsetnx", Grows: command.GrowsLong, Handler: cmdHSetNX, Arity: 4, Flags: command.Write | command.DenyOOM | command.Fast, Since: "2.0.0",
			Summary:    "Set the value of a field of a hash, only if the field doesn't exist",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.String("field"), arg.String("value")),
		}, "RW insert"),
	}
}

// fields opens the hash that the key holds, or an empty one. On a key that
// holds something else it replies with the error and fails. A handler that
// changes the hash calls Done once.
func fields(c *command.Ctx, sh *store.Shard, k store.Key) (f store.Fields, ok bool) {
	f, err := sh.Fields(k, c.Now)
	if err != nil {
		c.W.Error(command.TextWrongType)
		return f, false
	}
	return f, true
}

// readFields is fields for commands that only read, which count as hits and
// misses.
func readFields(c *command.Ctx, sh *store.Shard, k store.Key) (f store.Fields, ok bool) {
	f, ok = fields(c, sh, k)
	c.Count(!ok || f.Exists())
	return f, ok
}

// replyField writes the field's value, or null, and says whether it is there.
func replyField(c *command.Ctx, f *store.Fields, field []byte) bool {
	v, _, ok := f.Get(field)
	if !ok {
		c.W.Null()
		return false
	}
	if len(v) >= store.PinMin {
		if v, ref, ok := f.Pin(field); ok {
			c.W.Refer(v, ref)
			return true
		}
	}
	c.W.Bulk(v)
	return true
}

func cmdHGet(c *command.Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	if f, ok := readFields(c, sh, k); ok {
		replyField(c, &f, c.Args[2])
	}
}

func cmdHMGet(c *command.Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	f, ok := readFields(c, sh, k)
	if ok && len(c.Args)-2 > command.FieldStep {
		if z := f.Freeze(true); z != nil {
			c.Unlock(sh)
			getFrozen(c, k, z)
			return
		}
	}
	defer c.Unlock(sh)
	if !ok {
		return
	}
	c.W.Array(len(c.Args) - 2)
	s := c.Steps(sh, k, c.Args[2:], 1)
	defer s.End()
	for part, more := s.Next(&f); more; part, more = s.Next(&f) {
		for _, field := range part {
			replyField(c, &f, field)
		}
	}
}

// getFrozen is HMGET of many fields of a large hash, which are looked up in
// steps, as they were at one moment.
func getFrozen(c *command.Ctx, k store.Key, z *store.Freeze) {
	c.W.Array(len(c.Args) - 2)
	for asked := range slices.Chunk(c.Args[2:], command.FieldStep) {
		sh := c.Lock(k)
		found := z.FindAll(asked, &c.Copies)
		c.Unlock(sh)
		for _, at := range found {
			if at < 0 {
				c.W.Null()
				continue
			}
			_, value := c.Copies.Field(at)
			c.W.Bulk(value)
		}
		c.Copies.Free()
		if c.W.Overflow || c.Step() {
			break
		}
	}
	sh := c.Lock(k)
	z.Close()
	c.Unlock(sh)
}

func cmdHExists(c *command.Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	f, ok := readFields(c, sh, k)
	if !ok {
		return
	}
	n := int64(0)
	if _, _, found := f.Get(c.Args[2]); found {
		n = 1
	}
	c.W.Int(n)
}

func cmdHLen(c *command.Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	if f, ok := readFields(c, sh, k); ok {
		c.W.Int(int64(f.Len()))
	}
}

func cmdHStrLen(c *command.Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	if f, ok := readFields(c, sh, k); ok {
		v, _, _ := f.Get(c.Args[2])
		c.W.Int(int64(len(v)))
	}
}

func cmdHSet(c *command.Ctx) {
	if created, ok := setPairs(c); ok {
		c.W.Int(created)
	}
}

func cmdHMSet(c *command.Ctx) {
	if _, ok := setPairs(c); ok {
		c.W.OK()
	}
}

// layOut copies the long values among the arguments before the shard is locked; nil:
// there are none, or it is locked already.
func layOut(c *command.Ctx) *store.Laid {
	if c.TakeStaged == nil || c.InExec() {
		return nil
	}
	return c.Store.LayOut(c.Args[2:])
}

// setPairs sets the fields of HSET and says how many are new. On an error it
// replies and fails, and the hash is as it was.
func setPairs(c *command.Ctx) (created int64, ok bool) {
	if len(c.Args)%2 != 0 {
		c.W.Error(command.ArityError(c.Cmd))
		return 0, false
	}
	laid := layOut(c)
	if laid != nil {
		defer c.Store.GiveBack(laid)
	}
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	f, ok := fields(c, sh, k)
	if !ok {
		return 0, false
	}
	f.Use(laid)
	s := c.Steps(sh, k, c.Args[2:], 2)
	defer s.End()
	n, err := s.SetAll(&f, 0)
	f.Done()
	if err != nil {
		c.Fail(err)
		return 0, false
	}
	return int64(n), true
}

func cmdHSetNX(c *command.Ctx) {
	laid := layOut(c)
	if laid != nil {
		defer c.Store.GiveBack(laid)
	}
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	f, ok := fields(c, sh, k)
	if !ok {
		return
	}
	f.Use(laid)
	if _, _, found := f.Get(c.Args[2]); found {
		c.W.Int(0)
		return
	}
	if _, err := f.Set(c.Args[2], c.Args[3], 0); err != nil {
		c.Fail(err)
		return
	}
	f.Done()
	c.W.Int(1)
}

func cmdHDel(c *command.Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	f, ok := fields(c, sh, k)
	if !ok {
		return
	}
	n := int64(0)
	s := c.Steps(sh, k, c.Args[2:], 1)
	defer s.End()
	for part, more := s.Next(&f); more; part, more = s.Next(&f) {
		for _, field := range part {
			if f.Delete(field) {
				n++
			}
		}
	}
	f.Done()
	c.W.Int(n)
}
