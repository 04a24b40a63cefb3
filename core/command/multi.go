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
	c.LockKeys(1, 2)
	defer c.UnlockKeys()
	c.replyOK(c.setKeys(2, 0, false))
}

// setKeys makes every locked key hold its value, the first of which is
// argument i, with an expiry or with the one that it has; all of them or none.
func (c *Ctx) setKeys(i int, expireAt int64, keepTTL bool) error {
	c.pairs = c.pairs[:0]
	for j, k := range c.keys {
		p := store.Pair{Key: k, Value: c.Args[i+2*j], ExpireAt: expireAt}
		if c.TakeStaged != nil {
			p.Staged = c.TakeStaged(i+2*j, len(k.Bytes))
		}
		if keepTTL {
			if e, found := c.Store.Locked(k).Peek(k, c.Now); found {
				p.ExpireAt = e.ExpireAt()
			}
		}
		c.pairs = append(c.pairs, p)
	}
	err := c.Store.SetAll(c.pairs, c.Now)
	clear(c.pairs) // they point to the request
	if cap(c.pairs) > 4096 {
		c.pairs = nil
	}
	return err
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
	if err := c.setKeys(2, 0, false); err != nil {
		c.Fail(err)
		return
	}
	c.W.Int(1)
}
