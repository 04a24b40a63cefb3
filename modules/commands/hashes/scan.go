package hashes

import (
	"math"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/glob"
	"github.com/redistill-go/redistill/core/store"
)

func hashScanSpecs() []command.Spec {
	return []command.Spec{
		hashRow(command.Spec{
			Name: "hscan", Handler: cmdHScan, Arity: -3, Flags: command.ReadOnly, Since: "2.8.0",
			Summary:    "Return all fields of a hash, some at a time",
			Complexity: "O(1) for each call, O(N) for all N fields",
			Tips:       []string{"nondeterministic_output"},
			Args: arg.List(arg.Key("key"), arg.Integer("cursor"),
				arg.Optional(arg.After("MATCH", arg.Pattern("pattern"))),
				arg.Optional(arg.After("COUNT", arg.Integer("count"))),
				arg.Optional(arg.Token("NOVALUES"))),
		}, "RO access"),
	}
}

func cmdHScan(c *command.Ctx) {
	cursor, ok := command.ParseCursor(c.Args[2])
	if !ok {
		c.W.Error("ERR invalid cursor")
		return
	}
	k := c.Key(1)
	sh := c.Lock(k)
	f, ok := readFields(c, sh, k)
	exists := f.Exists()
	c.Unlock(sh)
	if !ok {
		return
	}
	if !exists {
		c.W.Array(2)
		c.W.BulkString("0")
		c.W.Array(0)
		return
	}
	var o hscanOptions
	if o.parse(c) {
		scanFields(c, k, cursor, &o)
	}
}

// hscanOptions are the options of HSCAN.
type hscanOptions struct {
	count  int
	values bool
	match  []byte // nil: all
}

// parse reads the options. On an error it replies and returns false.
func (o *hscanOptions) parse(c *command.Ctx) bool {
	o.count, o.values = command.DefaultScanCount, true
	for i := 3; i < len(c.Args); i++ {
		more := i+1 < len(c.Args)
		switch option := c.Args[i]; {
		case more && command.EqualFold(option, "count"):
			i++
			n, ok := c.Integer(i)
			if !ok {
				c.W.Error(command.TextNotInteger)
				return false
			}
			if n < 1 {
				c.W.Error(command.TextSyntax)
				return false
			}
			o.count = int(min(n, math.MaxInt32))
		case more && command.EqualFold(option, "match"):
			i++
			if o.match = c.Args[i]; string(o.match) == "*" {
				o.match = nil // a pattern does not match the field without a name
			}
		case command.EqualFold(option, "novalues"):
			o.values = false
		default:
			c.W.Error(command.TextSyntax)
			return false
		}
	}
	return true
}

// hscanStep is how many fields are copied under one lock.
const hscanStep = 512

// scanFields replies with the fields of one step, which is many steps for the
// shard if the count is large: between them others may change the hash, as they
// may between two calls of HSCAN.
func scanFields(c *command.Ctx, k store.Key, cursor uint64, o *hscanOptions) {
	pattern, gone := glob.New(o.match, false), c.Gone
	// The new cursor and the length come first in the reply and last in time.
	w, n := c.Aside(), 0
	for {
		var seen int
		cursor, seen = copyFields(c, k, cursor, min(o.count, hscanStep), o.values)
		for i := range c.Copies.Len() {
			field, value := c.Copies.Field(i)
			if o.match != nil && !pattern.Match(field, gone) {
				continue
			}
			n++
			w.Bulk(field)
			if o.values {
				n++
				w.Bulk(value)
			}
		}
		c.Copies.Free()
		if o.count -= seen; o.count <= 0 || cursor == 0 || w.Overflow || gone() {
			break
		}
	}
	c.W.Array(2)
	c.ReplyCursor(cursor)
	c.W.Array(n)
	c.W.Join(w)
}

// copyFields copies about count fields of the hash from a cursor on, or fewer
// if they are long: seen is how many. It returns the next cursor, 0 at the end,
// which is also where the hash has gone meanwhile.
func copyFields(c *command.Ctx, k store.Key, cursor uint64, count int, values bool) (next uint64, seen int) {
	sh := c.Lock(k)
	defer c.Unlock(sh)
	f, err := sh.Fields(k, c.Now)
	if err != nil {
		return 0, 0
	}
	next, left := f.ScanInto(cursor, count, values, &c.Copies)
	return next, count - left
}
