package command

import (
	"math"
	"strconv"

	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/resp"
	"github.com/redistill-go/redistill/core/store"
)

func hashNumberSpecs() []Spec {
	return []Spec{
		hashRow(Spec{
			Name: "hincrby", Handler: cmdHIncrBy, Arity: 4, Flags: Write | DenyOOM | Fast, Since: "2.0.0",
			Summary:    "Add a number to the integer value of a field of a hash",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.String("field"), arg.Integer("increment")),
		}, "RW access update"),
		hashRow(Spec{
			Name: "hincrbyfloat", Handler: cmdHIncrByFloat, Arity: 4, Flags: Write | DenyOOM | Fast, Since: "2.6.0",
			Summary:    "Add a number to the floating-point value of a field of a hash",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.String("field"), arg.Double("increment")),
		}, "RW access update"),
	}
}

func cmdHIncrBy(c *Ctx) {
	n, ok := c.integer(3)
	if !ok {
		c.W.Error(errNotInteger)
		return
	}
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	f, ok := c.fields(sh, k)
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
		c.W.Error(errOverflow)
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

func cmdHIncrByFloat(c *Ctx) {
	more, ok := parseFloat(c.Args[3])
	if !ok {
		c.W.Error(errNotFloat)
		return
	}
	if more.IsInf() {
		c.W.Error("ERR value is NaN or Infinity")
		return
	}
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	f, ok := c.fields(sh, k)
	if !ok {
		return
	}
	number, _, found := f.Get(c.Args[2])
	if !found {
		number = []byte("0")
	}
	old, ok := parseFloat(number)
	if !ok {
		c.W.Error("ERR hash value is not a float")
		return
	}
	sum, ok := addFloat(old, more)
	if !ok {
		c.W.Error("ERR increment would produce NaN or Infinity")
		return
	}
	c.Scratch = append(c.Scratch[:0], formatFloat(sum)...)
	if _, err := f.Set(c.Args[2], c.Scratch, store.KeepExpiry); err != nil {
		c.Fail(err)
		return
	}
	f.Done()
	c.W.Bulk(c.Scratch)
}
