package strings

import (
	"math"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
)

func msetexSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "msetex", Handler: cmdMSetEx, Arity: -4, Flags: command.Write | command.DenyOOM | command.MovableKeys,
			Work:     command.Work{PerArgument: command.PairWork / 2},
			KeyCount: 1, FirstKey: 2, KeyStep: 2, KeyAccess: "OW update",
			Categories: command.CatString, Group: "string", Since: "8.4.0",
			Summary:    "Set the values of several keys at once, with one expiry for all",
			Complexity: "O(N) with N being the number of keys",
			Tips:       []string{"request_policy:multi_shard", "response_policy:all_succeeded"},
			Args: arg.List(arg.Integer("numkeys"), arg.Multiple(arg.Block("data", arg.Key("key"), arg.String("value"))),
				arg.Choice("condition", "NX", "XX"), command.ExpiryArgs("KEEPTTL")),
		},
	}
}

func cmdMSetEx(c *command.Ctx) {
	n, ok := c.Integer(1)
	if !ok || n < 1 || n > math.MaxInt32 {
		c.W.Error("ERR invalid numkeys value")
		return
	}
	end := 2 + 2*int(n)
	if end > len(c.Args) {
		c.W.Error("ERR wrong number of key-value pairs")
		return
	}
	var o setOptions
	if !o.parse(c.Args, end, msetexOptions) {
		c.W.Error(command.TextSyntax)
		return
	}
	var at int64
	if o.expiry != command.NoExpiry {
		if at, ok = c.ExpireAt(o.expiryArg, o.expiry); !ok {
			return
		}
	}
	if err := buildPairs(c, 2, end, at, o.keepTTL); err != nil {
		c.Fail(err)
		return
	}
	keys := c.LockRange(2, end, 2)
	defer c.UnlockKeys()
	if o.nx || o.xx {
		for _, k := range keys {
			if _, found := c.Store.Locked(k).Peek(k, c.Now); found == o.nx {
				dropPairs(c)
				c.W.Int(0)
				return
			}
		}
	}
	if err := setKeys(c, keys, 3, at, o.keepTTL); err != nil {
		c.Fail(err)
		return
	}
	c.W.Int(1)
}
