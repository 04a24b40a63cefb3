package command

import (
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/store"
)

func stringsSpecs() []Spec {
	return []Spec{
		{
			Name: "append", Grows: growsAppend, Handler: cmdAppend, Arity: 3, Flags: Write | DenyOOM | Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW insert",
			Categories: CatString, Group: "string", Since: "2.0.0",
			Summary:    "Append to the value of a key, which is created if it doesn't exist",
			Complexity: "O(N) with N being the length of the new value",
			Args:       arg.List(arg.Key("key"), arg.String("value")),
		}, {
			Name: "get", Handler: cmdGet, Arity: 2, Flags: ReadOnly | Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: CatString, Group: "string", Since: "1.0.0",
			Summary:    "Return the value of a key",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key")),
		}, {
			Name: "getdel", Handler: cmdGetDel, Arity: 2, Flags: Write | Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access delete",
			Categories: CatString, Group: "string", Since: "6.2.0",
			Summary:    "Return the value of a key and delete the key",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key")),
		}, {
			Name: "getrange", Handler: cmdGetRange, Arity: 4, Flags: ReadOnly,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: CatString, Group: "string", Since: "2.4.0",
			Summary:    "Return part of the value of a key",
			Complexity: "O(N) with N being the length of the part",
			Args:       arg.List(arg.Key("key"), arg.Integer("start"), arg.Integer("end")),
		}, {
			Name: "getset", Handler: cmdGetSet, Arity: 3, Flags: Write | DenyOOM | Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access update",
			Categories: CatString, Group: "string", Since: "1.0.0",
			Summary:    "Set the value of a key and return its old value",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.String("value")),
		}, {
			Name: "setrange", Grows: growsSetRange, Handler: cmdSetRange, Arity: 4, Flags: Write | DenyOOM,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW update",
			Categories: CatString, Group: "string", Since: "2.2.0",
			Summary:    "Overwrite part of the value of a key, from an offset on",
			Complexity: "O(M) with M being the length of the written part",
			Args:       arg.List(arg.Key("key"), arg.Integer("offset"), arg.String("value")),
		}, {
			Name: "strlen", Handler: cmdStrLen, Arity: 2, Flags: ReadOnly | Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO",
			Categories: CatString, Group: "string", Since: "2.2.0",
			Summary:    "Return the length of the value of a key in bytes",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key")),
		}, {
			Name: "substr", Handler: cmdGetRange, Arity: 4, Flags: ReadOnly,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: CatString, Group: "string", Since: "1.0.0",
			Summary:    "Return part of the value of a key; the same as GETRANGE",
			Complexity: "O(N) with N being the length of the part",
			Args:       arg.List(arg.Key("key"), arg.Integer("start"), arg.Integer("end")),
		},
	}
}

func cmdGet(c *Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	c.replyOld(sh, k)
}

// replyOld writes the value that the key has, or null. It fails if the value
// is no string; the reply is then the error.
func (c *Ctx) replyOld(sh *store.Shard, k store.Key) (e store.Entry, found, ok bool) {
	e, found = sh.Get(k, c.Now)
	if !found {
		c.Miss()
		c.W.Null()
		return e, false, true
	}
	c.Hit()
	if c.wrongType(e, store.String) {
		return e, true, false
	}
	c.ReplyValue(sh, e)
	return e, true, true
}

func cmdGetDel(c *Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	if e, found, ok := c.replyOld(sh, k); found && ok {
		sh.Remove(e)
	}
}

func cmdGetSet(c *Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	before := c.W.Mark()
	if _, _, ok := c.replyOld(sh, k); !ok {
		return
	}
	if err := c.SetValue(sh, k, 2, 0); err != nil {
		c.W.Rewind(before)
		c.Fail(err)
	}
}

func cmdStrLen(c *Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	e, ok := sh.Get(k, c.Now)
	if !ok {
		c.Miss()
		c.W.Int(0)
		return
	}
	c.Hit()
	if c.wrongType(e, store.String) {
		return
	}
	c.W.Int(int64(e.Len()))
}

func cmdAppend(c *Ctx) { untilDone(c.append) }

// append is APPEND: see Ctx.rewrite.
func (c *Ctx) append(locked bool) (done bool) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	more := c.Args[2]
	e, ok := sh.Get(k, c.Now)
	if !ok {
		if err := c.SetValue(sh, k, 2, 0); err != nil {
			c.Fail(err)
			return true
		}
		c.W.Int(int64(len(more)))
		return true
	}
	if c.wrongType(e, store.String) {
		return true
	}
	n := e.Len()
	size := n + len(more)
	if int64(size) > c.Env.maxString() {
		c.W.Error(errTooLong)
		return true
	}
	done, err := c.rewrite(sh, k, e, true, size, len(more), locked, func(value []byte) { copy(value[n:], more) })
	switch {
	case err != nil:
		c.Fail(err)
	case done:
		c.W.Int(int64(size))
	}
	return done
}

func cmdGetRange(c *Ctx) {
	from, ok1 := c.integer(2)
	to, ok2 := c.integer(3)
	if !ok1 || !ok2 {
		c.W.Error(errNotInteger)
		return
	}
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	e, ok := sh.Get(k, c.Now)
	if !ok {
		c.Miss()
		c.W.BulkString("")
		return
	}
	c.Hit()
	if c.wrongType(e, store.String) {
		return
	}
	first, last := span(from, to, int64(e.Len()))
	if last-first >= store.PinMin {
		if v, ref, ok := sh.Pin(e); ok {
			c.W.Refer(v[first:last], ref)
			return
		}
	}
	c.W.Bulk(e.Value()[first:last])
}

func cmdSetRange(c *Ctx) {
	offset, ok := c.integer(2)
	if !ok {
		c.W.Error(errNotInteger)
		return
	}
	if offset < 0 {
		c.W.Error("ERR offset is out of range")
		return
	}
	untilDone(func(locked bool) bool { return c.setRange(int(offset), locked) })
}

// setRange is SETRANGE: see Ctx.rewrite.
func (c *Ctx) setRange(offset int, locked bool) (done bool) {
	part := c.Args[3]
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	e, found := sh.Get(k, c.Now)
	n := 0
	if found {
		if c.wrongType(e, store.String) {
			return true
		}
		n = e.Len()
	}
	if len(part) == 0 {
		c.W.Int(int64(n))
		return true
	}
	end := offset + len(part)
	if limit := c.Env.maxString(); int64(offset) > limit || int64(end) > limit {
		c.W.Error(errTooLong)
		return true
	}
	done, err := c.rewrite(sh, k, e, found, end, len(part), locked, func(value []byte) { copy(value[offset:], part) })
	switch {
	case err != nil:
		c.Fail(err)
	case done:
		c.W.Int(int64(max(n, end)))
	}
	return done
}

func growsAppend(c *Ctx) int64 {
	k := c.Key(1)
	had := c.length(k)
	if had == 0 {
		return growsLong(c) // it is as SET
	}
	if had >= heldTwice {
		return c.beside(had, had+growsLong(c))
	}
	return growsLong(c)
}

func growsSetRange(c *Ctx) int64 {
	offset, ok := c.integer(2)
	if end := offset + int64(len(c.Args[3])); ok && offset >= 0 && len(c.Args[3]) > 0 && end <= c.Env.maxString() {
		return c.growsTo(c.Key(1), end)
	}
	return 0
}
