package introspection

import (
	"strconv"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/store"
)

func objectSpecs() []command.Spec {
	return []command.Spec{{
		Name: "object", Arity: -2, Group: "generic", Since: "2.2.3",
		Summary:     "Commands about how values are kept",
		Complexity:  "Depends on the subcommand",
		Subcommands: objectSubcommands(),
	}}
}

func objectSubcommands() []command.Spec {
	of := func(name, since, summary string, handler func(*command.Ctx)) command.Spec {
		return command.Spec{
			Name: name, Handler: handler, Arity: 3, Flags: command.ReadOnly,
			FirstKey: 2, LastKey: 2, KeyStep: 1, KeyAccess: "RO",
			Categories: command.CatKeyspace, Group: "generic", Since: since,
			Summary: summary, Complexity: "O(1)", Tips: []string{"nondeterministic_output"},
			Args: arg.List(arg.Key("key")),
		}
	}
	return []command.Spec{
		of("encoding", "2.2.3", "Return Redis's name for how the value of a key is kept", cmdObjectEncoding),
		of("freq", "4.0.0", "Return how often a key is used, where the eviction policy counts it", cmdObjectFreq),
		command.Help("generic", command.CatKeyspace, "6.2.0"),
		of("idletime", "2.2.3", "Return the seconds since a key was last used, where the eviction policy keeps it", cmdObjectIdleTime),
		of("refcount", "2.2.3", "Return the number of references to the value of a key", cmdObjectRefCount),
	}
}

const (
	errNoFrequency = "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust."
	errCountsUses  = "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust."
	errNoIdleTime  = "ERR An LRU maxmemory policy is not selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust."
)

// withEntry calls f with the key's entry, or replies that there is none. The
// access doesn't count for the eviction policy.
func withEntry(c *command.Ctx, f func(sh *store.Shard, e store.Entry)) {
	k := c.Key(2)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	e, ok := sh.Peek(k, c.Now)
	if !ok {
		c.W.Null()
		return
	}
	f(sh, e)
}

func cmdObjectEncoding(c *command.Ctx) {
	withEntry(c, func(_ *store.Shard, e store.Entry) { c.W.BulkString(encoding(e)) })
}

// maxEmbedded is the length of a string up to which Redis keeps it in one
// block with its header.
const maxEmbedded = 44

// encoding is what Redis would call the way in which the value is kept.
func encoding(e store.Entry) string {
	switch {
	case e.Type() == store.Hash && e.Large():
		return "hashtable"
	case e.Type() == store.Hash:
		return "listpack"
	case e.Len() <= 20 && isInteger(e.Value()):
		return "int"
	case e.Len() <= maxEmbedded:
		return "embstr"
	default:
		return "raw"
	}
}

// isInteger says whether b is a 64-bit integer as it is usually written.
func isInteger(b []byte) bool {
	n, err := strconv.ParseInt(string(b), 10, 64)
	return err == nil && string(strconv.AppendInt(nil, n, 10)) == string(b)
}

func cmdObjectFreq(c *command.Ctx) {
	withEntry(c, func(sh *store.Shard, e store.Entry) {
		if n, ok := sh.Frequency(e, c.Now); ok {
			c.W.Int(int64(n))
			return
		}
		c.W.Error(errNoFrequency)
	})
}

func cmdObjectIdleTime(c *command.Ctx) {
	withEntry(c, func(sh *store.Shard, e store.Entry) {
		if d, ok := sh.Idle(e, c.Now); ok {
			c.W.Int(command.Seconds(d))
			return
		}
		if _, ok := sh.Frequency(e, c.Now); ok {
			c.W.Error(errCountsUses)
			return
		}
		c.W.Error(errNoIdleTime)
	})
}

// cmdObjectRefCount answers 1: values are not shared.
func cmdObjectRefCount(c *command.Ctx) {
	withEntry(c, func(*store.Shard, store.Entry) { c.W.Int(1) })
}
