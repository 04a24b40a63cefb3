package bitmaps

import (
	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/resp"
	"github.com/redistill-go/redistill/core/store"
)

func bitsSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "getbit", Handler: cmdGetBit, Arity: 3, Flags: command.ReadOnly | command.Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: command.CatBitmap, Group: "bitmap", Since: "2.2.0",
			Summary:    "Return one bit of a string",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.Integer("offset")),
		}, {
			Name: "setbit", Grows: growsSetBit, Handler: cmdSetBit, Arity: 4, Flags: command.Write | command.DenyOOM,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access update",
			Categories: command.CatBitmap, Group: "bitmap", Since: "2.2.0",
			Summary:    "Set or clear one bit of a string, which grows if need be",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.Integer("offset"), arg.Integer("value")),
		},
	}
}

const (
	errBitOffset = "ERR bit offset is not an integer or out of range"
	errBit       = "ERR bit is not an integer or out of range"
)

// bitOffset reads argument i as the number of a bit that a value may have. If
// width is not 0, "#n" is the n-th field of so many bits. On an error it
// replies and returns false.
func bitOffset(c *command.Ctx, i int, width int64) (uint64, bool) {
	at, ok := parseBitOffset(c, i, width)
	if !ok {
		c.W.Error(errBitOffset)
	}
	return at, ok
}

// parseBitOffset is bitOffset without a reply.
func parseBitOffset(c *command.Ctx, i int, width int64) (uint64, bool) {
	text, times := c.Args[i], int64(1)
	if width > 0 && len(text) > 0 && text[0] == '#' {
		text, times = text[1:], width
	}
	n, ok := resp.ParseInt(text)
	if limit := c.Env.MaxString() * 8; !ok || n < 0 || n >= limit || n*times >= limit {
		return 0, false
	}
	return uint64(n * times), true
}

func cmdSetBit(c *command.Ctx) {
	at, ok := bitOffset(c, 2, 0)
	if !ok {
		return
	}
	on, ok := c.Integer(3)
	if !ok || on&^1 != 0 {
		c.W.Error(errBit)
		return
	}
	command.UntilDone(func(locked bool) bool { return setBit(c, at, on, locked) })
}

// setBit is SETBIT: see Ctx.rewrite.
func setBit(c *command.Ctx, at uint64, on int64, locked bool) (done bool) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	e, found := sh.Get(k, c.Now)
	if found && c.WrongType(e, store.String) {
		return true
	}
	if found && at>>3 < uint64(e.Len()) && bitOf(e.Value(), at) == on {
		c.W.Int(on) // nothing changes
		return true
	}
	was := int64(0)
	done, err := c.Rewrite(sh, k, e, found, int(at>>3)+1, 1, locked, func(value []byte) {
		was = bitOf(value, at)
		mask := byte(0x80 >> (at & 7))
		value[at>>3] &^= mask
		if on == 1 {
			value[at>>3] |= mask
		}
	})
	switch {
	case err != nil:
		c.Fail(err)
	case done:
		c.W.Int(was)
	}
	return done
}

func cmdGetBit(c *command.Ctx) {
	at, ok := bitOffset(c, 2, 0)
	if !ok {
		return
	}
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	e, found := sh.Get(k, c.Now)
	c.Count(found)
	switch {
	case !found:
		c.W.Int(0)
	case !c.WrongType(e, store.String):
		c.W.Int(bitOf(e.Value(), at))
	}
}

// bitOf is a bit of a value, counted from the highest of the first byte; 0
// behind its end.
func bitOf(value []byte, at uint64) int64 {
	if at>>3 >= uint64(len(value)) {
		return 0
	}
	return int64(value[at>>3] >> (7 - at&7) & 1)
}

func growsSetBit(c *command.Ctx) int64 {
	if at, ok := parseBitOffset(c, 2, 0); ok {
		return c.GrowsTo(c.Key(1), int64(at>>3)+1)
	}
	return 0
}
