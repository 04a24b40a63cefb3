package hashes

import (
	"math"
	"strconv"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/resp"
	"github.com/redistill-go/redistill/core/store"
)

func hashNumberSpecs() []command.Spec {
	return []command.Spec{
		hashRow(command.Spec{
			Name: "hincrby", Handler: cmdHIncrBy, Arity: 4, Flags: command.Write | command.DenyOOM | command.Fast, Since: "2.0.0",
			Summary:    "Add a number to the integer value of a field of a hash",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.String("field"), arg.Integer("increment")),
		}, "RW access update"),
		hashRow(command.Spec{
			Name: "hincrbyfloat", Handler: cmdHIncrByFloat, Arity: 4, Flags: command.Write | command.DenyOOM | command.Fast, Since: "2.6.0",
			Summary:    "Add a number to the floating-point value of a field of a hash",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.String("field"), arg.Double("increment")),
		}, "RW access update"),
	}
}

func cmdHIncrBy(c *command.Ctx) {
	n, ok := c.Integer(3)
	if !ok {
		c.W.Error(command.TextNotInteger)
		return
	}
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	f, ok := fields(c, sh, k)
	if !ok {
		return
	}
	var old int64
	if v, _, found := f.Get(c.Args[2]); found {
		if old, ok = resp.ParseInt(v); !ok {
			c.W.Error("ERR hash value is not an integer")
			return
		}
	}
	if n > 0 && old > math.MaxInt64-n || n < 0 && old < math.MinInt64-n {
		c.W.Error(command.TextOverflow)
		return
	}
	c.Scratch = strconv.AppendInt(c.Scratch[:0], old+n, 10)
	if _, err := f.Set(c.Args[2], c.Scratch, store.KeepExpiry); err != nil {
		c.Fail(err)
		return
	}
	f.Done()
	c.W.Int(old + n)
}

func cmdHIncrByFloat(c *command.Ctx) {
	more, ok := command.ParseFloat(c.Args[3])
	if !ok {
		c.W.Error(command.TextNotFloat)
		return
	}
	if more.IsInf() {
		c.W.Error("ERR value is NaN or Infinity")
		return
	}
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	f, ok := fields(c, sh, k)
	if !ok {
		return
	}
	number, _, found := f.Get(c.Args[2])
	if !found {
		number = []byte("0")
	}
	old, ok := command.ParseFloat(number)
	if !ok {
		c.W.Error("ERR hash value is not a float")
		return
	}
	sum, ok := command.AddFloat(old, more)
	if !ok {
		c.W.Error("ERR increment would produce NaN or Infinity")
		return
	}
	c.Scratch = append(c.Scratch[:0], command.FormatFloat(sum)...)
	if _, err := f.Set(c.Args[2], c.Scratch, store.KeepExpiry); err != nil {
		c.Fail(err)
		return
	}
	f.Done()
	c.W.Bulk(c.Scratch)
}
