package strings

import (
	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/store"
)

func stringsSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "append", Grows: growsAppend, Handler: cmdAppend, Arity: 3, Flags: command.Write | command.DenyOOM | command.Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW insert",
			Categories: command.CatString, Group: "string", Since: "2.0.0",
			Summary:    "Append to the value of a key, which is created if it doesn't exist",
			Complexity: "O(N) with N being the length of the new value",
			Args:       arg.List(arg.Key("key"), arg.String("value")),
		}, {
			Name: "get", Handler: cmdGet, Arity: 2, Flags: command.ReadOnly | command.Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: command.CatString, Group: "string", Since: "1.0.0",
			Summary:    "Return the value of a key",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key")),
		}, {
			Name: "getdel", Handler: cmdGetDel, Arity: 2, Flags: command.Write | command.Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access delete",
			Categories: command.CatString, Group: "string", Since: "6.2.0",
			Summary:    "Return the value of a key and delete the key",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key")),
		}, {
			Name: "getrange", Handler: cmdGetRange, Arity: 4, Flags: command.ReadOnly,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: command.CatString, Group: "string", Since: "2.4.0",
			Summary:    "Return part of the value of a key",
			Complexity: "O(N) with N being the length of the part",
			Args:       arg.List(arg.Key("key"), arg.Integer("start"), arg.Integer("end")),
		}, {
			Name: "getset", Handler: cmdGetSet, Arity: 3, Flags: command.Write | command.DenyOOM | command.Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access update",
			Categories: command.CatString, Group: "string", Since: "1.0.0",
			Summary:    "Set the value of a key and return its old value",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.String("value")),
		}, {
			Name: "setrange", Grows: growsSetRange, Handler: cmdSetRange, Arity: 4, Flags: command.Write | command.DenyOOM,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW update",
			Categories: command.CatString, Group: "string", Since: "2.2.0",
			Summary:    "Overwrite part of the value of a key, from an offset on",
			Complexity: "O(M) with M being the length of the written part",
			Args:       arg.List(arg.Key("key"), arg.Integer("offset"), arg.String("value")),
		}, {
			Name: "strlen", Handler: cmdStrLen, Arity: 2, Flags: command.ReadOnly | command.Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO",
			Categories: command.CatString, Group: "string", Since: "2.2.0",
			Summary:    "Return the length of the value of a key in bytes",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key")),
		}, {
			Name: "substr", Handler: cmdGetRange, Arity: 4, Flags: command.ReadOnly,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: command.CatString, Group: "string", Since: "1.0.0",
			Summary:    "Return part of the value of a key; the same as GETRANGE",
			Complexity: "O(N) with N being the length of the part",
			Args:       arg.List(arg.Key("key"), arg.Integer("start"), arg.Integer("end")),
		},
	}
}

func cmdGet(c *command.Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	replyOld(c, sh, k)
}

// replyOld writes the value that the key has, or null. It fails if the value
// is no string; the reply is then the error.
func replyOld(c *command.Ctx, sh *store.Shard, k store.Key) (e store.Entry, found, ok bool) {
	e, found = sh.Get(k, c.Now)
	if !found {
		c.Miss()
		c.W.Null()
		return e, false, true
	}
	c.Hit()
	if c.WrongType(e, store.String) {
		return e, true, false
	}
	c.ReplyValue(sh, e)
	return e, true, true
}

func cmdGetDel(c *command.Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	if e, found, ok := replyOld(c, sh, k); found && ok {
		sh.Remove(e)
	}
}

func cmdGetSet(c *command.Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	before := c.W.Mark()
	if _, _, ok := replyOld(c, sh, k); !ok {
		return
	}
	if err := c.SetValue(sh, k, 2, 0); err != nil {
		c.W.Rewind(before)
		c.Fail(err)
	}
}

func cmdStrLen(c *command.Ctx) {
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
	if c.WrongType(e, store.String) {
		return
	}
	c.W.Int(int64(e.Len()))
}

func cmdAppend(c *command.Ctx) {
	command.UntilDone(func(locked bool) (done bool) { return appendValue(c, locked) })
}

// append is APPEND: see Ctx.rewrite.
func appendValue(c *command.Ctx, locked bool) (done bool) {
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
	if c.WrongType(e, store.String) {
		return true
	}
	n := e.Len()
	size := n + len(more)
	if int64(size) > c.Env.MaxString() {
		c.W.Error(command.TextTooLong)
		return true
	}
	done, err := c.Rewrite(sh, k, e, true, size, len(more), locked, func(value []byte) { copy(value[n:], more) })
	switch {
	case err != nil:
		c.Fail(err)
	case done:
		c.W.Int(int64(size))
	}
	return done
}

func cmdGetRange(c *command.Ctx) {
	from, ok1 := c.Integer(2)
	to, ok2 := c.Integer(3)
	if !ok1 || !ok2 {
		c.W.Error(command.TextNotInteger)
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
	if c.WrongType(e, store.String) {
		return
	}
	first, last := command.Span(from, to, int64(e.Len()))
	if last-first >= store.PinMin {
		if v, ref, ok := sh.Pin(e); ok {
			c.W.Refer(v[first:last], ref)
			return
		}
	}
	c.W.Bulk(e.Value()[first:last])
}

func cmdSetRange(c *command.Ctx) {
	offset, ok := c.Integer(2)
	if !ok {
		c.W.Error(command.TextNotInteger)
		return
	}
	if offset < 0 {
		c.W.Error("ERR offset is out of range")
		return
	}
	command.UntilDone(func(locked bool) bool { return setRange(c, int(offset), locked) })
}

// setRange is SETRANGE: see Ctx.rewrite.
func setRange(c *command.Ctx, offset int, locked bool) (done bool) {
	part := c.Args[3]
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	e, found := sh.Get(k, c.Now)
	n := 0
	if found {
		if c.WrongType(e, store.String) {
			return true
		}
		n = e.Len()
	}
	if len(part) == 0 {
		c.W.Int(int64(n))
		return true
	}
	end := offset + len(part)
	if limit := c.Env.MaxString(); int64(offset) > limit || int64(end) > limit {
		c.W.Error(command.TextTooLong)
		return true
	}
	done, err := c.Rewrite(sh, k, e, found, end, len(part), locked, func(value []byte) { copy(value[offset:], part) })
	switch {
	case err != nil:
		c.Fail(err)
	case done:
		c.W.Int(int64(max(n, end)))
	}
	return done
}

func growsAppend(c *command.Ctx) int64 {
	k := c.Key(1)
	had := c.StringLen(k)
	if had == 0 {
		return command.GrowsLong(c) // it is as SET
	}
	if had >= command.HeldTwice {
		return c.Beside(had, had+command.GrowsLong(c))
	}
	return command.GrowsLong(c)
}

func growsSetRange(c *command.Ctx) int64 {
	offset, ok := c.Integer(2)
	if end := offset + int64(len(c.Args[3])); ok && offset >= 0 && len(c.Args[3]) > 0 && end <= c.Env.MaxString() {
		return c.GrowsTo(c.Key(1), end)
	}
	return 0
}
