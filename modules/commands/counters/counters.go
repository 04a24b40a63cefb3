package counters

import (
	"math"
	"strconv"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/resp"
	"github.com/redistill-go/redistill/core/store"
)

func countersSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "decr", Handler: cmdDecr, Arity: 2, Flags: command.Write | command.DenyOOM | command.Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access update",
			Categories: command.CatString, Group: "string", Since: "1.0.0",
			Summary:    "Subtract one from the integer value of a key",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key")),
		}, {
			Name: "decrby", Handler: cmdDecrBy, Arity: 3, Flags: command.Write | command.DenyOOM | command.Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access update",
			Categories: command.CatString, Group: "string", Since: "1.0.0",
			Summary:    "Subtract a number from the integer value of a key",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.Integer("decrement")),
		}, {
			Name: "incr", Handler: cmdIncr, Arity: 2, Flags: command.Write | command.DenyOOM | command.Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access update",
			Categories: command.CatString, Group: "string", Since: "1.0.0",
			Summary:    "Add one to the integer value of a key",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key")),
		}, {
			Name: "incrby", Handler: cmdIncrBy, Arity: 3, Flags: command.Write | command.DenyOOM | command.Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access update",
			Categories: command.CatString, Group: "string", Since: "1.0.0",
			Summary:    "Add a number to the integer value of a key",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.Integer("increment")),
		}, {
			Name: "incrbyfloat", Handler: cmdIncrByFloat, Arity: 3, Flags: command.Write | command.DenyOOM | command.Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access update",
			Categories: command.CatString, Group: "string", Since: "2.6.0",
			Summary:    "Add a number to the floating-point value of a key",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.Double("increment")),
		},
	}
}

func cmdIncr(c *command.Ctx) { add(c, 1) }
func cmdDecr(c *command.Ctx) { add(c, -1) }

func cmdIncrBy(c *command.Ctx) {
	n, ok := c.Integer(2)
	if !ok {
		c.W.Error(command.TextNotInteger)
		return
	}
	add(c, n)
}

func cmdDecrBy(c *command.Ctx) {
	n, ok := c.Integer(2)
	switch {
	case !ok:
		c.W.Error(command.TextNotInteger)
	case n == math.MinInt64:
		c.W.Error("ERR decrement would overflow")
	default:
		add(c, -n)
	}
}

// add adds n to the key's integer value and replies with the sum.
func add(c *command.Ctx, n int64) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	var old int64
	e, found := sh.Get(k, c.Now)
	if found {
		if c.WrongType(e, store.String) {
			return
		}
		var ok bool
		if old, ok = resp.ParseInt(e.Value()); !ok {
			c.W.Error(command.TextNotInteger)
			return
		}
	}
	if n > 0 && old > math.MaxInt64-n || n < 0 && old < math.MinInt64-n {
		c.W.Error(command.TextOverflow)
		return
	}
	c.Scratch = strconv.AppendInt(c.Scratch[:0], old+n, 10)
	if err := replace(c, sh, k, e, found, c.Scratch); err != nil {
		c.Fail(err)
		return
	}
	c.W.Int(old + n)
}

// replace makes the key hold text and keeps its expiry. It is done in place
// where the lengths allow.
func replace(c *command.Ctx, sh *store.Shard, k store.Key, e store.Entry, found bool, text []byte) error {
	if !found {
		return sh.Set(k, text, 0, c.Now)
	}
	value, err := sh.Resize(k, e, len(text))
	if err == nil {
		copy(value, text)
	}
	return err
}

func cmdIncrByFloat(c *command.Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	number := []byte("0")
	e, found := sh.Get(k, c.Now)
	if found {
		if c.WrongType(e, store.String) {
			return
		}
		number = e.Value()
	}
	old, ok1 := command.ParseFloat(number)
	more, ok2 := command.ParseFloat(c.Args[2])
	if !ok1 || !ok2 {
		c.W.Error(command.TextNotFloat)
		return
	}
	sum, ok := command.AddFloat(old, more)
	if !ok {
		c.W.Error("ERR increment would produce NaN or Infinity")
		return
	}
	c.Scratch = append(c.Scratch[:0], command.FormatFloat(sum)...)
	if err := replace(c, sh, k, e, found, c.Scratch); err != nil {
		c.Fail(err)
		return
	}
	c.W.Bulk(c.Scratch)
}
