package command

import (
	"slices"

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
			Work:     Work{PerArgument: pairWork / 2},
			FirstKey: 1, LastKey: -1, KeyStep: 2, KeyAccess: "OW update",
			Categories: CatString, Group: "string", Since: "1.0.1",
			Summary:    "Set the values of several keys at once",
			Complexity: "O(N) with N being the number of keys",
			Tips:       []string{"request_policy:multi_shard", "response_policy:all_succeeded"},
			Args:       arg.List(keyValues),
		}, {
			Name: "msetnx", Handler: cmdMSetNX, Arity: -3, Flags: Write | DenyOOM,
			Work:     Work{PerArgument: pairWork / 2},
			FirstKey: 1, LastKey: -1, KeyStep: 2, KeyAccess: "OW insert",
			Categories: CatString, Group: "string", Since: "1.0.1",
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
func cmdMGet(c *Ctx) {
	c.W.Array(len(c.Args) - 1)
	for i, most := 1, keysAtOnce; i < len(c.Args); {
		keys := c.LockRange(i, min(i+most, len(c.Args)), 1)
		bytes, done := 0, 0
		for _, k := range keys {
			bytes += c.replyString(c.Store.Locked(k), k)
			if done++; bytes > getBytes && c.held == nil {
				break
			}
		}
		if i += done; done < len(keys) {
			most = min(2*done, keysAtOnce) // no more than are likely to be read
		}
		c.UnlockKeys()
		if c.W.Overflow || c.Gone() {
			return
		}
	}
}

// replyString writes the key's value, or null where there is no string, and returns
// how many bytes it has copied for that.
func (c *Ctx) replyString(sh *store.Shard, k store.Key) int {
	e, found := sh.Get(k, c.Now)
	c.count(found)
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

func cmdMSet(c *Ctx) {
	if len(c.Args)%2 == 0 {
		c.W.Error(ArityError(c.Cmd))
		return
	}
	if err := c.buildPairs(1, len(c.Args), 0, false); err != nil {
		c.Fail(err)
		return
	}
	keys := c.LockKeys(1, 2)
	defer c.UnlockKeys()
	c.replyOK(c.setKeys(keys, 2, 0, false))
}

// buildPairs lays out the keys from argument first to before end, each followed by its
// value, before their shards are locked, if that takes long.
func (c *Ctx) buildPairs(first, end int, expireAt int64, keepTTL bool) error {
	c.pairs = c.pairs[:0]
	size := 0
	for i := first + 1; i < end; i += 2 {
		size += len(c.Args[i])
	}
	if size < getBytes || c.held != nil {
		return nil
	}
	c.pairs = slices.Grow(c.pairs, (end-first)/2)
	for i := first; i < end; i += 2 {
		c.addPair(c.Store.Key(c.Args[i]), i+1, expireAt)
		c.pairs[len(c.pairs)-1].Later = keepTTL
	}
	err := c.Store.Build(c.pairs)
	if err != nil {
		c.forgetPairs()
	}
	return err
}

// addPair adds a pair of a key and argument i.
func (c *Ctx) addPair(k store.Key, i int, expireAt int64) {
	p := store.Pair{Key: k, Value: c.Args[i], ExpireAt: expireAt}
	if c.TakeStaged != nil {
		p.Staged = c.TakeStaged(i, len(k.Bytes))
	}
	c.pairs = append(c.pairs, p)
}

// dropPairs gives back what buildPairs has laid out.
func (c *Ctx) dropPairs() {
	c.Store.Drop(c.pairs)
	c.forgetPairs()
}

func (c *Ctx) forgetPairs() {
	clear(c.pairs) // they point to the request
	if c.pairs = c.pairs[:0]; cap(c.pairs) > 4096 {
		c.pairs = nil
	}
}

// setKeys makes every locked key hold its value, the first of which is
// argument i, with an expiry or with the one that it has; all of them or none.
func (c *Ctx) setKeys(keys []store.Key, i int, expireAt int64, keepTTL bool) error {
	built := len(c.pairs) > 0
	if !built {
		c.pairs = slices.Grow(c.pairs, len(keys))
	}
	for j, k := range keys {
		if !built {
			c.addPair(k, i+2*j, expireAt)
		}
		if keepTTL {
			if e, found := c.Store.Locked(k).Peek(k, c.Now); found {
				c.pairs[j].ExpireAt = e.ExpireAt()
			}
		}
	}
	err := c.Store.SetAll(c.pairs, c.Now)
	c.forgetPairs()
	return err
}

func cmdMSetNX(c *Ctx) {
	if len(c.Args)%2 == 0 {
		c.W.Error(ArityError(c.Cmd))
		return
	}
	if err := c.buildPairs(1, len(c.Args), 0, false); err != nil {
		c.Fail(err)
		return
	}
	keys := c.LockKeys(1, 2)
	defer c.UnlockKeys()
	for _, k := range keys {
		if _, found := c.Store.Locked(k).Peek(k, c.Now); found {
			c.dropPairs()
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
