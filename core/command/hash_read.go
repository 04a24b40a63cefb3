package command

import (
	"math"
	"math/rand/v2"

	"github.com/redistill-go/redistill/core/store"
)

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
	defer c.Unlock(sh)
	f, ok := c.readFields(sh, k)
	if !ok {
		return
	}
	if what == fieldNames|fieldValues {
		c.W.Map(f.Live())
	} else {
		c.W.Array(f.Live())
	}
	f.Each(func(field, value []byte, _ int64) bool {
		if what&fieldNames != 0 {
			c.W.Bulk(field)
		}
		if what&fieldValues != 0 {
			c.W.Bulk(value)
		}
		return !c.W.Overflow
	})
}

func cmdHRandField(c *Ctx) {
	if len(c.Args) == 2 {
		k := c.Key(1)
		sh := c.Lock(k)
		defer c.Unlock(sh)
		f, ok := c.readFields(sh, k)
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
	n, ok := c.integer(2)
	if !ok {
		c.W.Error(errNotInteger)
		return
	}
	if n == math.MinInt64 {
		c.W.Error("ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807")
		return
	}
	values := len(c.Args) > 3
	if len(c.Args) > 4 || values && !equalFold(c.Args[3], "withvalues") {
		c.W.Error(errSyntax)
		return
	}
	if values && (n > math.MaxInt64/2 || n < -math.MaxInt64/2) {
		c.W.Error("ERR value is out of range")
		return
	}
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	f, ok := c.readFields(sh, k)
	if !ok {
		return
	}
	live := f.Live()
	switch {
	case live == 0 || n == 0:
		c.W.Array(0)
	case n < 0:
		c.drawFields(&f, -n, values)
	default:
		c.chooseFields(&f, int(min(n, int64(live))), live, values)
	}
}

// beginPairs begins an array of n fields, each with its value if values is set.
func (c *Ctx) beginPairs(n int, values bool) {
	if values && c.W.Proto != 3 {
		n *= 2
	}
	c.W.Array(n)
}

func (c *Ctx) replyPair(field, value []byte, values bool) {
	if values && c.W.Proto == 3 {
		c.W.Array(2)
	}
	c.W.Bulk(field)
	if values {
		c.W.Bulk(value)
	}
}

// drawFields replies with n fields, any of which may come again. The reply
// stops when it has become as long as it may.
func (c *Ctx) drawFields(f *store.Fields, n int64, values bool) {
	c.beginPairs(int(n), values)
	for ; n > 0 && !c.W.Overflow; n-- {
		field, value, _ := f.Random()
		c.replyPair(field, value, values)
	}
}

// chooseFields replies with n of the live fields, each set of n being equally
// likely (Knuth's algorithm S), or, where they are few of many, with n draws
// that differ.
func (c *Ctx) chooseFields(f *store.Fields, n, live int, values bool) {
	c.beginPairs(n, values)
	if live > 1000 && n < live/8 {
		drawn := make(map[string]struct{}, n)
		for len(drawn) < n {
			field, value, _ := f.Random()
			if _, again := drawn[string(field)]; !again {
				drawn[string(field)] = struct{}{}
				c.replyPair(field, value, values)
			}
		}
		return
	}
	f.Each(func(field, value []byte, _ int64) bool {
		if rand.IntN(live) < n {
			n--
			c.replyPair(field, value, values)
		}
		live--
		return n > 0
	})
}
