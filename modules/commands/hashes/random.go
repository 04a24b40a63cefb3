package hashes

import (
	"math"
	"math/rand/v2"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/store"
)

func hashRandomSpecs() []command.Spec {
	return []command.Spec{
		hashRow(command.Spec{
			Name: "hrandfield", Handler: cmdHRandField, Arity: -2, Flags: command.ReadOnly, Since: "6.2.0",
			Summary:    "Return one or more fields of a hash chosen at random",
			Complexity: "O(N) with N being the number of fields",
			Tips:       []string{"nondeterministic_output"},
			Args:       arg.List(arg.Key("key"), arg.Optional(arg.Block("options", arg.Integer("count"), arg.Optional(arg.Token("WITHVALUES"))))),
		}, "RO access"),
	}
}

func cmdHRandField(c *command.Ctx) {
	if len(c.Args) == 2 {
		k := c.Key(1)
		sh := c.Lock(k)
		defer c.Unlock(sh)
		f, ok := readFields(c, sh, k)
		if !ok {
			return
		}
		if field, _, ok := f.Random(); ok {
			c.W.Bulk(field)
		} else {
			c.W.Null()
		}
		return
	}
	n, ok := c.Integer(2)
	if !ok {
		c.W.Error(command.TextNotInteger)
		return
	}
	if n == math.MinInt64 {
		c.W.Error("ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807")
		return
	}
	values := len(c.Args) > 3
	if len(c.Args) > 4 || values && !command.EqualFold(c.Args[3], "withvalues") {
		c.W.Error(command.TextSyntax)
		return
	}
	if values && (n > math.MaxInt64/2 || n < -math.MaxInt64/2) {
		c.W.Error("ERR value is out of range")
		return
	}
	if n < 0 {
		drawFields(c, -n, values)
		return
	}
	k := c.Key(1)
	sh := c.Lock(k)
	f, ok := readFields(c, sh, k)
	if ok && n > drawStep && f.AllLive() {
		if z := f.Freeze(values); z != nil {
			live := f.Len()
			c.Unlock(sh)
			chooseFrozen(c, k, z, int(min(n, int64(live))), live, values)
			return
		}
	}
	defer c.Unlock(sh)
	if !ok {
		return
	}
	live := f.Live()
	if live == 0 || n == 0 {
		c.W.Array(0)
		return
	}
	chooseFields(c, &f, int(min(n, int64(live))), live, values)
}

// beginPairs begins an array of n fields, each with its value if values is set.
func beginPairs(c *command.Ctx, n int, values bool) {
	if values && c.W.Proto != 3 {
		n *= 2
	}
	c.W.Array(n)
}

func replyPair(c *command.Ctx, field, value []byte, values bool) {
	if values && c.W.Proto == 3 {
		c.W.Array(2)
	}
	c.W.Bulk(field)
	if values {
		c.W.Bulk(value)
	}
}

// drawStep is how many fields are drawn under one lock.
const drawStep = 128

// drawFields replies with n fields, any of which may come again. Of a small hash
// they are drawn from a copy, of a large one in steps, between which others may
// change it; if it goes meanwhile, they are drawn from what was drawn last. The
// reply stops when it has become as long as it may.
func drawFields(c *command.Ctx, n int64, values bool) {
	k := c.Key(1)
	sh := c.Lock(k)
	f, ok := readFields(c, sh, k)
	if !ok {
		c.Unlock(sh)
		return
	}
	whole := copyDraws(c, &f, n, values)
	c.Unlock(sh)
	defer c.Copies.Free()
	if c.Copies.Len() == 0 {
		c.W.Array(0)
		return
	}
	beginPairs(c, int(n), values)
	for !c.W.Overflow && !c.Step() {
		for i := range min(n, int64(c.Copies.Len())) {
			if whole {
				i = rand.Int64N(int64(c.Copies.Len()))
			}
			field, value := c.Copies.Field(int(i))
			replyPair(c, field, value, values)
			n--
		}
		if n == 0 {
			return
		}
		if whole {
			continue
		}
		sh := c.Lock(k)
		f, _ := sh.Fields(k, c.Now) // of another type of value, it has none
		if _, _, ok := f.Random(); ok {
			c.Copies.Free()
			whole = copyDraws(c, &f, n, values)
		} else {
			whole = true
		}
		c.Unlock(sh)
	}
}

// copyDraws copies some fields that are drawn, or says that it has copied the
// whole of a small hash to draw from.
func copyDraws(c *command.Ctx, f *store.Fields, n int64, values bool) (whole bool) {
	if n > int64(f.Len()) && f.Small() {
		f.ScanInto(0, math.MaxInt, values, &c.Copies)
		return true
	}
	f.RandomInto(int(min(n, drawStep)), values, &c.Copies)
	return false
}

// chooseFields replies with n of the live fields, each set of n being equally
// likely (Knuth's algorithm S), or, where they are few of many, with n draws
// that differ.
func chooseFields(c *command.Ctx, f *store.Fields, n, live int, values bool) {
	beginPairs(c, n, values)
	if live > 1000 && n < live/8 {
		drawn := make(map[string]struct{}, n)
		for len(drawn) < n {
			field, value, _ := f.Random()
			if _, again := drawn[string(field)]; !again {
				drawn[string(field)] = struct{}{}
				replyPair(c, field, value, values)
			}
		}
		return
	}
	f.Each(func(field, value []byte, _ int64) bool {
		if rand.IntN(live) < n {
			n--
			replyPair(c, field, value, values)
		}
		live--
		return n > 0
	})
}

// chooseFrozen is chooseFields for a large hash, which is read in steps.
func chooseFrozen(c *command.Ctx, k store.Key, z *store.Freeze, n, live int, values bool) {
	beginPairs(c, n, values)
	c.EachFrozen(k, z, func(field, value []byte, _ int64) bool {
		if rand.IntN(live) < n {
			n--
			replyPair(c, field, value, values)
		}
		live--
		return n > 0 && !c.W.Overflow
	})
}
