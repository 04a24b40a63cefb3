package command

import (
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/store"
)

func multiSpecs() []Spec {
	keyValues := arg.Multiple(arg.Block("data", arg.Key("key"), arg.String("value")))
	return []Spec{
		{
			Name: "mget", Handler: cmdMGet, Arity: -2, Flags: ReadOnly | Fast,
			FirstKey: 1, LastKey: -1, KeyStep: 1, KeyAccess: "RO access",
			Categories: CatString, Group: "string", Since: "1.0.0",
			Summary:    "Return the values of several keys",
			Complexity: "O(N) with N being the number of keys",
			Tips:       []string{"request_policy:multi_shard"},
			Args:       arg.List(arg.Multiple(arg.Key("key"))),
		}, {
			Name: "mset", Handler: cmdMSet, Arity: -3, Flags: Write | DenyOOM,
			FirstKey: 1, LastKey: -1, KeyStep: 2, KeyAccess: "OW update",
			Categories: CatString, Group: "string", Since: "1.0.1",
			Summary:    "Set the values of several keys at once",
			Complexity: "O(N) with N being the number of keys",
			Tips:       []string{"request_policy:multi_shard", "response_policy:all_succeeded"},
			Args:       arg.List(keyValues),
		}, {
			Name: "msetnx", Handler: cmdMSetNX, Arity: -3, Flags: Write | DenyOOM,
			FirstKey: 1, LastKey: -1, KeyStep: 2, KeyAccess: "OW insert",
			Categories: CatString, Group: "string", Since: "1.0.1",
			Summary:    "Set the values of several keys at once, only if none of them exists",
			Complexity: "O(N) with N being the number of keys",
			Args:       arg.List(keyValues),
		},
	}
}

func cmdMGet(c *Ctx) {
	keys := c.LockKeys(1, 1)
	defer c.UnlockKeys()
	c.W.Array(len(keys))
	for _, k := range keys {
		c.replyString(c.Store.Locked(k), k)
	}
}

// replyString writes the key's value, or null where there is no string.
func (c *Ctx) replyString(sh *store.Shard, k store.Key) {
	e, found := sh.Get(k, c.Now)
	c.count(found)
	if !found || e.Type() != store.String {
		c.W.Null()
		return
	}
	c.ReplyValue(sh, e)
}

func cmdMSet(c *Ctx) {
	if len(c.Args)%2 == 0 {
		c.W.Error(ArityError(c.Cmd))
		return
	}
	keys := c.LockKeys(1, 2)
	defer c.UnlockKeys()
	c.replyOK(c.setKeys(keys, 2, 0, false))
}

func cmdMSetNX(c *Ctx) {
	if len(c.Args)%2 == 0 {
		c.W.Error(ArityError(c.Cmd))
		return
	}
	keys := c.LockKeys(1, 2)
	defer c.UnlockKeys()
	for _, k := range keys {
		if _, found := c.Store.Locked(k).Peek(k, c.Now); found {
			c.W.Int(0)
			return
		}
	}
	if err := c.setKeys(keys, 2, 0, false); err != nil {
		c.Fail(err)
		return
	}
	c.W.Int(1)
}
