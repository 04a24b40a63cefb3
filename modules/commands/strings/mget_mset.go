package strings

import (
	"slices"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/store"
)

func multiSpecs() []command.Spec {
	keyValues := arg.Multiple(arg.Block("data", arg.Key("key"), arg.String("value")))
	return []command.Spec{
		{
			Name: "mget", Handler: cmdMGet, Arity: -2, Flags: command.ReadOnly | command.Fast,
			FirstKey: 1, LastKey: -1, KeyStep: 1, KeyAccess: "RO access",
			Categories: command.CatString, Group: "string", Since: "1.0.0",
			Summary:    "Return the values of several keys",
			Complexity: "O(N) with N being the number of keys",
			Tips:       []string{"request_policy:multi_shard"},
			Args:       arg.List(arg.Multiple(arg.Key("key"))),
		}, {
			Name: "mset", Handler: cmdMSet, Arity: -3, Flags: command.Write | command.DenyOOM,
			Work:     command.Work{PerArgument: command.PairWork / 2},
			FirstKey: 1, LastKey: -1, KeyStep: 2, KeyAccess: "OW update",
			Categories: command.CatString, Group: "string", Since: "1.0.1",
			Summary:    "Set the values of several keys at once",
			Complexity: "O(N) with N being the number of keys",
			Tips:       []string{"request_policy:multi_shard", "response_policy:all_succeeded"},
			Args:       arg.List(keyValues),
		}, {
			Name: "msetnx", Handler: cmdMSetNX, Arity: -3, Flags: command.Write | command.DenyOOM,
			Work:     command.Work{PerArgument: command.PairWork / 2},
			FirstKey: 1, LastKey: -1, KeyStep: 2, KeyAccess: "OW insert",
			Categories: command.CatString, Group: "string", Since: "1.0.1",
			Summary:    "Set the values of several keys at once, only if none of them exists",
			Complexity: "O(N) with N being the number of keys",
			Args:       arg.List(keyValues),
		},
	}
}

// getBytes is how many bytes of values MGET copies with the shards of its keys
// locked.
const getBytes = 256 << 10

// cmdMGet replies with what the keys hold at one moment if they are keysAtOnce at
// most and short of getBytes together, long values, which are not copied, aside. More
// are several such steps, each at its own moment: in a transaction it is one.
func cmdMGet(c *command.Ctx) {
	c.W.Array(len(c.Args) - 1)
	for i, most := 1, command.KeysAtOnce; i < len(c.Args); {
		keys := c.LockRange(i, min(i+most, len(c.Args)), 1)
		bytes, done := 0, 0
		for _, k := range keys {
			bytes += replyString(c, c.Store.Locked(k), k)
			if done++; bytes > getBytes && !c.InExec() {
				break
			}
		}
		if i += done; done < len(keys) {
			most = min(2*done, command.KeysAtOnce) // no more than are likely to be read
		}
		c.UnlockKeys()
		if i >= len(c.Args) || c.W.Overflow || c.Step() {
			return
		}
	}
}

// replyString writes the key's value, or null where there is no string, and returns
// how many bytes it has copied for that.
func replyString(c *command.Ctx, sh *store.Shard, k store.Key) int {
	e, found := sh.Get(k, c.Now)
	c.Count(found)
	if !found || e.Type() != store.String {
		c.W.Null()
		return 0
	}
	c.ReplyValue(sh, e)
	if n := e.Len(); n < store.PinMin {
		return n
	}
	return 0
}

func cmdMSet(c *command.Ctx) {
	if len(c.Args)%2 == 0 {
		c.W.Error(command.ArityError(c.Cmd))
		return
	}
	if err := buildPairs(c, 1, len(c.Args), 0, false); err != nil {
		c.Fail(err)
		return
	}
	keys := c.LockKeys(1, 2)
	defer c.UnlockKeys()
	c.ReplyOK(setKeys(c, keys, 2, 0, false))
}

// buildPairs lays out the keys from argument first to before end, each followed by its
// value, before their shards are locked, if that takes long.
func buildPairs(c *command.Ctx, first, end int, expireAt int64, keepTTL bool) error {
	c.Pairs = c.Pairs[:0]
	size := 0
	for i := first + 1; i < end; i += 2 {
		size += len(c.Args[i])
	}
	if size < getBytes || c.InExec() {
		return nil
	}
	c.Pairs = slices.Grow(c.Pairs, (end-first)/2)
	for i := first; i < end; i += 2 {
		addPair(c, c.Store.Key(c.Args[i]), i+1, expireAt)
		c.Pairs[len(c.Pairs)-1].Later = keepTTL
	}
	err := c.Store.Build(c.Pairs)
	if err != nil {
		forgetPairs(c)
	}
	return err
}

// addPair adds a pair of a key and argument i.
func addPair(c *command.Ctx, k store.Key, i int, expireAt int64) {
	p := store.Pair{Key: k, Value: c.Args[i], ExpireAt: expireAt}
	if c.TakeStaged != nil {
		p.Staged = c.TakeStaged(i, len(k.Bytes))
	}
	c.Pairs = append(c.Pairs, p)
}

// dropPairs gives back what buildPairs has laid out.
func dropPairs(c *command.Ctx) {
	c.Store.Drop(c.Pairs)
	forgetPairs(c)
}

func forgetPairs(c *command.Ctx) {
	clear(c.Pairs) // they point to the request
	if c.Pairs = c.Pairs[:0]; cap(c.Pairs) > 4096 {
		c.Pairs = nil
	}
}

// setKeys makes every locked key hold its value, the first of which is
// argument i, with an expiry or with the one that it has; all of them or none.
func setKeys(c *command.Ctx, keys []store.Key, i int, expireAt int64, keepTTL bool) error {
	built := len(c.Pairs) > 0
	for j, k := range keys {
		if !built {
			addPair(c, k, i+2*j, expireAt)
		}
		if keepTTL {
			if e, found := c.Store.Locked(k).Peek(k, c.Now); found {
				c.Pairs[j].ExpireAt = e.ExpireAt()
			}
		}
	}
	err := c.Store.SetAll(c.Pairs, c.Now)
	forgetPairs(c)
	return err
}

func cmdMSetNX(c *command.Ctx) {
	if len(c.Args)%2 == 0 {
		c.W.Error(command.ArityError(c.Cmd))
		return
	}
	if err := buildPairs(c, 1, len(c.Args), 0, false); err != nil {
		c.Fail(err)
		return
	}
	keys := c.LockKeys(1, 2)
	defer c.UnlockKeys()
	for _, k := range keys {
		if _, found := c.Store.Locked(k).Peek(k, c.Now); found {
			dropPairs(c)
			c.W.Int(0)
			return
		}
	}
	if err := setKeys(c, keys, 2, 0, false); err != nil {
		c.Fail(err)
		return
	}
	c.W.Int(1)
}
