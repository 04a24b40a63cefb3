// Package compare is a family of commands that look at a string before they change it,
// in one step, where clients would need WATCH and MULTI:
//
//	CAS key expected value    1: it was expected and is value now; 0: it is another; -1: there is none
//	SETMAX key number         the number that the key has now: the larger one
//
// Both leave the key's expiry as it is.
//
// Concurrency: handlers run in the sessions' goroutines; see command.Ctx.
package compare

import (
	"bytes"
	"strconv"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/resp"
	"github.com/redistill-go/redistill/core/store"
)

// ID is the module's ID.
const ID = "commands.compare"

func init() {
	command.Register(ID, "Commands that compare a string with an argument before they set it: CAS, SETMAX", Specs)
}

// Family is the family, for tests.
func Family() command.Family { return command.Family{ID: ID, Specs: Specs()} }

// Specs are the rows of the family's commands.
func Specs() []command.Spec {
	return []command.Spec{
		{
			Name: "cas", Handler: cmdCAS, Arity: 4, Flags: command.Write | command.DenyOOM | command.Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access update",
			Categories: command.CatString, Group: "compare", Since: "1.0.0",
			Summary:    "Set a key, only if its value is the expected one",
			Complexity: "O(N) with N being the length of the expected value",
			Args:       arg.List(arg.Key("key"), arg.String("expected"), arg.String("value")),
		}, {
			Name: "setmax", Handler: cmdSetMax, Arity: 3, Flags: command.Write | command.DenyOOM | command.Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access update",
			Categories: command.CatString, Group: "compare", Since: "1.0.0",
			Summary:    "Set a key to a number, unless it has a larger one",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.Integer("number")),
		},
	}
}

func cmdCAS(c *command.Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	e, found := sh.Get(k, c.Now)
	c.Count(found)
	switch {
	case !found:
		c.W.Int(-1)
	case c.WrongType(e, store.String):
	case !bytes.Equal(e.Value(), c.Args[2]):
		c.W.Int(0)
	default:
		if err := c.SetValue(sh, k, 3, e.ExpireAt()); err != nil {
			c.Fail(err)
			return
		}
		c.W.Int(1)
	}
}

func cmdSetMax(c *command.Ctx) {
	number, ok := c.Integer(2)
	if !ok {
		c.W.Error(command.TextNotInteger)
		return
	}
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	expireAt := int64(0)
	e, found := sh.Get(k, c.Now)
	c.Count(found)
	if found {
		if c.WrongType(e, store.String) {
			return
		}
		old, ok := resp.ParseInt(e.Value())
		if !ok {
			c.W.Error(command.TextNotInteger)
			return
		}
		if old >= number {
			c.W.Int(old)
			return
		}
		expireAt = e.ExpireAt()
	}
	c.Scratch = strconv.AppendInt(c.Scratch[:0], number, 10)
	if err := sh.Set(k, c.Scratch, expireAt, c.Now); err != nil {
		c.Fail(err)
		return
	}
	c.W.Int(number)
}
