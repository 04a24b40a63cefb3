package keys

import (
	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/store"
)

func keysSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "del", Handler: cmdDel, Arity: -2, Flags: command.Write,
			FirstKey: 1, LastKey: -1, KeyStep: 1, KeyAccess: "RM delete",
			Categories: command.CatKeyspace, Group: "generic", Since: "1.0.0",
			Summary:    "Delete keys",
			Complexity: "O(N) with N being the number of keys",
			Tips:       []string{"request_policy:multi_shard", "response_policy:agg_sum"},
			Args:       arg.List(arg.Multiple(arg.Key("key"))),
		}, {
			Name: "exists", Handler: cmdExists, Arity: -2, Flags: command.ReadOnly | command.Fast,
			FirstKey: 1, LastKey: -1, KeyStep: 1, KeyAccess: "RO",
			Categories: command.CatKeyspace, Group: "generic", Since: "1.0.0",
			Summary:    "Return how many of the given keys exist",
			Complexity: "O(N) with N being the number of keys",
			Tips:       []string{"request_policy:multi_shard", "response_policy:agg_sum"},
			Args:       arg.List(arg.Multiple(arg.Key("key"))),
		}, {
			Name: "touch", Handler: cmdTouch, CountsUse: true, Arity: -2, Flags: command.ReadOnly | command.Fast,
			FirstKey: 1, LastKey: -1, KeyStep: 1, KeyAccess: "RO",
			Categories: command.CatKeyspace, Group: "generic", Since: "3.2.1",
			Summary:    "Mark keys as just used and return how many of them exist",
			Complexity: "O(N) with N being the number of keys",
			Tips:       []string{"request_policy:multi_shard", "response_policy:agg_sum"},
			Args:       arg.List(arg.Multiple(arg.Key("key"))),
		}, {
			Name: "type", Handler: cmdType, Arity: 2, Flags: command.ReadOnly | command.Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO",
			Categories: command.CatKeyspace, Group: "generic", Since: "1.0.0",
			Summary:    "Return the type of the value of a key",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key")),
		}, {
			Name: "unlink", Handler: cmdDel, Arity: -2, Flags: command.Write | command.Fast,
			FirstKey: 1, LastKey: -1, KeyStep: 1, KeyAccess: "RM delete",
			Categories: command.CatKeyspace, Group: "generic", Since: "4.0.0",
			Summary:    "Delete keys; the same as DEL",
			Complexity: "O(N) with N being the number of keys",
			Tips:       []string{"request_policy:multi_shard", "response_policy:agg_sum"},
			Args:       arg.List(arg.Multiple(arg.Key("key"))),
		},
	}
}

func cmdDel(c *command.Ctx)    { countKeys(c, deleteKey) }
func cmdExists(c *command.Ctx) { countKeys(c, existsKey) }
func cmdTouch(c *command.Ctx)  { countKeys(c, touchKey) }

// countKeys calls f for each key and replies with how often it said yes. Each key
// is worked on as a whole, all of them only where a transaction has locked them.
func countKeys(c *command.Ctx, f func(*command.Ctx, *store.Shard, store.Key) bool) {
	n := int64(0)
	if len(c.Args) == 2 {
		k := c.Key(1)
		sh := c.Lock(k)
		if f(c, sh, k) {
			n = 1
		}
		c.Unlock(sh)
		c.W.Int(n)
		return
	}
	for first := 1; first < len(c.Args); first += command.KeysAtOnce {
		if first > 1 {
			c.Rest()
		}
		for _, k := range c.LockRange(first, min(first+command.KeysAtOnce, len(c.Args)), 1) {
			if f(c, c.Store.Locked(k), k) {
				n++
			}
		}
		c.UnlockKeys()
	}
	c.W.Int(n)
}

func deleteKey(c *command.Ctx, sh *store.Shard, k store.Key) bool { return sh.Delete(k, c.Now) }

func existsKey(c *command.Ctx, sh *store.Shard, k store.Key) bool {
	_, ok := c.Peek(sh, k)
	return ok
}

func touchKey(c *command.Ctx, sh *store.Shard, k store.Key) bool {
	_, ok := sh.Get(k, c.Now)
	c.Count(ok)
	return ok
}

func cmdType(c *command.Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	if e, ok := c.Peek(sh, k); ok {
		c.W.Simple(e.Type().String())
		return
	}
	c.W.Simple("none")
}
