package command

import (
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/glob"
	"github.com/redistill-go/redistill/core/resp"
	"github.com/redistill-go/redistill/core/store"
)

func keysSpecs() []Spec {
	return []Spec{
		{
			Name: "del", Handler: cmdDel, Arity: -2, Flags: Write,
			FirstKey: 1, LastKey: -1, KeyStep: 1, KeyAccess: "RM delete",
			Categories: CatKeyspace, Group: "generic", Since: "1.0.0",
			Summary:    "Delete keys",
			Complexity: "O(N) with N being the number of keys",
			Tips:       []string{"request_policy:multi_shard", "response_policy:agg_sum"},
			Args:       arg.List(arg.Multiple(arg.Key("key"))),
		}, {
			Name: "exists", Handler: cmdExists, Arity: -2, Flags: ReadOnly | Fast,
			FirstKey: 1, LastKey: -1, KeyStep: 1, KeyAccess: "RO",
			Categories: CatKeyspace, Group: "generic", Since: "1.0.0",
			Summary:    "Return how many of the given keys exist",
			Complexity: "O(N) with N being the number of keys",
			Tips:       []string{"request_policy:multi_shard", "response_policy:agg_sum"},
			Args:       arg.List(arg.Multiple(arg.Key("key"))),
		}, {
			Name: "keys", Handler: cmdKeys, Arity: 2, Flags: ReadOnly,
			Categories: CatKeyspace | CatDangerous, Group: "generic", Since: "1.0.0",
			Summary:    "Return all keys that match a glob pattern; prefer SCAN",
			Complexity: "O(N) with N being the number of all keys",
			Tips:       []string{"request_policy:all_shards", "nondeterministic_output_order"},
			Args:       arg.List(arg.Pattern("pattern")),
		}, {
			Name: "randomkey", Handler: cmdRandomKey, Arity: 1, Flags: ReadOnly,
			Categories: CatKeyspace, Group: "generic", Since: "1.0.0",
			Summary:    "Return a key chosen at random",
			Complexity: "O(1)",
			Tips:       []string{"request_policy:all_shards", "response_policy:special", "nondeterministic_output"},
		}, {
			Name: "touch", Handler: cmdTouch, Arity: -2, Flags: ReadOnly | Fast,
			FirstKey: 1, LastKey: -1, KeyStep: 1, KeyAccess: "RO",
			Categories: CatKeyspace, Group: "generic", Since: "3.2.1",
			Summary:    "Mark keys as just used and return how many of them exist",
			Complexity: "O(N) with N being the number of keys",
			Tips:       []string{"request_policy:multi_shard", "response_policy:agg_sum"},
			Args:       arg.List(arg.Multiple(arg.Key("key"))),
		}, {
			Name: "type", Handler: cmdType, Arity: 2, Flags: ReadOnly | Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO",
			Categories: CatKeyspace, Group: "generic", Since: "1.0.0",
			Summary:    "Return the type of the value of a key",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key")),
		}, {
			Name: "unlink", Handler: cmdDel, Arity: -2, Flags: Write | Fast,
			FirstKey: 1, LastKey: -1, KeyStep: 1, KeyAccess: "RM delete",
			Categories: CatKeyspace, Group: "generic", Since: "4.0.0",
			Summary:    "Delete keys; the same as DEL",
			Complexity: "O(N) with N being the number of keys",
			Tips:       []string{"request_policy:multi_shard", "response_policy:agg_sum"},
			Args:       arg.List(arg.Multiple(arg.Key("key"))),
		},
	}
}

func cmdDel(c *Ctx)    { c.countKeys((*Ctx).deleteKey) }
func cmdExists(c *Ctx) { c.countKeys((*Ctx).existsKey) }
func cmdTouch(c *Ctx)  { c.countKeys((*Ctx).touchKey) }

// keysAtOnce is how many keys a command that only counts them works on with their
// shards locked: there may be millions, and others want their shards as well.
const keysAtOnce = 1024

// countKeys calls f for each key and replies with how often it said yes. Each key
// is worked on as a whole, all of them only where a transaction has locked them.
func (c *Ctx) countKeys(f func(*Ctx, *store.Shard, store.Key) bool) {
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
	for first := 1; first < len(c.Args); first += keysAtOnce {
		for _, k := range c.LockRange(first, min(first+keysAtOnce, len(c.Args)), 1) {
			if f(c, c.Store.Locked(k), k) {
				n++
			}
		}
		c.UnlockKeys()
	}
	c.W.Int(n)
}

func (c *Ctx) deleteKey(sh *store.Shard, k store.Key) bool { return sh.Delete(k, c.Now) }

func (c *Ctx) existsKey(sh *store.Shard, k store.Key) bool {
	_, ok := c.peek(sh, k)
	return ok
}

func (c *Ctx) touchKey(sh *store.Shard, k store.Key) bool {
	_, ok := sh.Get(k, c.Now)
	c.count(ok)
	return ok
}

// peek finds a key for a command that reads about it and not its value, which
// is no access in the eyes of the eviction policy.
func (c *Ctx) peek(sh *store.Shard, k store.Key) (store.Entry, bool) {
	e, ok := sh.Peek(k, c.Now)
	c.count(ok)
	return e, ok
}

func cmdType(c *Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	if e, ok := c.peek(sh, k); ok {
		c.W.Simple(e.Type().String())
		return
	}
	c.W.Simple("none")
}

func cmdRandomKey(c *Ctx) {
	key, ok := c.Whole().RandomKey(c.Scratch[:0], c.Now)
	c.Scratch = key
	if !ok {
		c.W.Null()
		return
	}
	c.W.Bulk(key)
}

// keysStep is how many entries KEYS looks at under one lock.
const keysStep = 128

func cmdKeys(c *Ctx) {
	list := c.listKeys(c.Args[1], nil)
	for cursor := uint64(0); ; {
		if cursor, _ = list.step(cursor, keysStep); cursor == 0 || list.w.Overflow || c.Gone() {
			break
		}
	}
	list.join()
}

// keyList makes an array of keys whose length shows only at the end. Keys are
// copied from their shards and looked at afterwards: that may take long.
type keyList struct {
	c        *Ctx
	w        *resp.Writer // the keys
	all      bool
	pattern  glob.Pattern
	typeName []byte // nil: all
	n        int
}

// listKeys begins a list of the keys that match; a pattern of nil is all.
func (c *Ctx) listKeys(pattern, typeName []byte) *keyList {
	return &keyList{
		c: c, w: c.Aside(), typeName: typeName,
		all: pattern == nil || string(pattern) == "*", pattern: glob.New(pattern, false),
	}
}

// step adds the keys of about count entries from a cursor on, or of fewer if
// they are long: seen is how many. It returns the next cursor, 0 at the end.
func (l *keyList) step(cursor uint64, count int) (next uint64, seen int) {
	c := l.c
	next, seen = c.Whole().ScanKeys(cursor, count, c.Now, &c.copies)
	gone := c.Gone
	for i := range c.copies.Len() {
		key, t := c.copies.Key(i)
		if (l.typeName == nil || equalFold(l.typeName, t.String())) && (l.all || l.pattern.Match(key, gone)) {
			l.n++
			l.w.Bulk(key)
		}
	}
	c.copies.Free()
	return next, seen
}

// join writes the array.
func (l *keyList) join() {
	l.c.W.Array(l.n)
	l.c.W.Join(l.w)
}
