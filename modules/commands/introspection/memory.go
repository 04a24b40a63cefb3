package introspection

import (
	"fmt"
	"strings"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/stats"
	"github.com/redistill-go/redistill/core/store"
)

func memorySpecs() []command.Spec {
	return []command.Spec{{
		Name: "memory", Arity: -2, Group: "server", Since: "4.0.0",
		Summary:     "Commands about memory",
		Complexity:  "Depends on the subcommand",
		Subcommands: memorySubcommands(),
	}}
}

func memorySubcommands() []command.Spec {
	const group = "server"
	return []command.Spec{
		{
			Name: "doctor", Handler: cmdMemoryDoctor, Arity: 2, Group: group, Since: "4.0.0",
			Summary:    "Describe problems with memory in words",
			Complexity: "O(1)",
			Tips:       []string{"nondeterministic_output", "request_policy:all_shards", "response_policy:special"},
		}, command.Help(group, 0, "4.0.0"), {
			Name: "malloc-stats", Handler: cmdMemoryMallocStats, Arity: 2, Group: group, Since: "4.0.0",
			Summary:    "Return the figures of the allocator",
			Complexity: "O(1)",
			Tips:       []string{"nondeterministic_output", "request_policy:all_shards", "response_policy:special"},
		}, {
			Name: "purge", Handler: cmdMemoryPurge, Arity: 2, Group: group, Since: "4.0.0",
			Summary:    "Return unused memory to the system",
			Complexity: "O(N) with N being the amount of unused memory",
			Tips:       []string{"request_policy:all_shards", "response_policy:all_succeeded"},
		}, {
			Name: "stats", Handler: cmdMemoryStats, Arity: 2, Group: group, Since: "4.0.0",
			Summary:    "Return what memory is used for",
			Complexity: "O(1)",
			Tips:       []string{"nondeterministic_output", "request_policy:all_shards", "response_policy:special"},
		}, {
			Name: "usage", Handler: cmdMemoryUsage, Arity: -3, Flags: command.ReadOnly,
			FirstKey: 2, LastKey: 2, KeyStep: 1, KeyAccess: "RO",
			Group: group, Since: "4.0.0",
			Summary:    "Return how many bytes a key and its value take",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.Optional(arg.After("SAMPLES", arg.Integer("count")))),
		},
	}
}

// indexCost is about what an entry's place in the index takes, in bytes: a word,
// in an index that is a good part full.
const indexCost = 11

// cmdMemoryUsage answers exactly, so that SAMPLES makes no difference.
func cmdMemoryUsage(c *command.Ctx) {
	for i := 3; i < len(c.Args); i += 2 {
		if !command.EqualFold(c.Args[i], "samples") || i+1 == len(c.Args) {
			c.W.Error(command.TextSyntax)
			return
		}
		n, ok := c.Integer(i + 1)
		if !ok {
			c.W.Error(command.TextNotInteger)
			return
		}
		if n < 0 {
			c.W.Error(command.TextSyntax)
			return
		}
	}
	withEntry(c, func(_ *store.Shard, e store.Entry) { c.W.Int(int64(e.Footprint()) + indexCost) })
}

// cmdMemoryStats answers what Redis does, and what every account holds.
func cmdMemoryStats(c *command.Ctx) {
	m, keys := c.Env.MemoryFigures(), int64(c.Store.Totals().Keys)
	accounts, rss := stats.Holdings(), m.Held.Resident
	bytes := func(name string, n int64) { c.W.BulkString(name); c.W.Int(n) }
	ratio := func(name string, f float64) { c.W.BulkString(name); c.W.Double(f) }
	fields := 31 + len(accounts) + 2
	if keys > 0 {
		fields++
	}
	c.W.Map(fields)
	bytes("peak.allocated", m.Peak)
	bytes("total.allocated", m.Used)
	bytes("startup.allocated", m.Startup)
	bytes("replication.backlog", 0)
	bytes("clients.slaves", 0)
	bytes("clients.normal", m.Held.Clients())
	bytes("cluster.links", 0)
	bytes("aof.buffer", 0)
	bytes("lua.caches", 0)
	bytes("functions.caches", 0)
	if keys > 0 {
		c.W.BulkString("db.0")
		c.W.Map(2)
		bytes("overhead.hashtable.main", m.Held.Index)
		bytes("overhead.hashtable.expires", 0) // an expiry is in its entry
	}
	bytes("overhead.db.hashtable.lut", m.Held.Index)
	bytes("overhead.db.hashtable.rehashing", 0) // an index grows at once
	bytes("overhead.total", m.Overhead)
	bytes("db.dict.rehashing.count", 0)
	bytes("keys.count", keys)
	bytes("keys.bytes-per-key", max(m.Used-m.Startup, 0)/max(keys, 1))
	bytes("dataset.bytes", m.Dataset)
	ratio("dataset.percentage", m.DatasetShare()*100)
	ratio("peak.percentage", m.PeakShare()*100)
	bytes("allocator.allocated", m.Allocated)
	bytes("allocator.active", m.Active)
	bytes("allocator.resident", m.Resident)
	bytes("allocator.muzzy", 0)
	ratio("allocator-fragmentation.ratio", command.Share(m.Active, m.Allocated))
	bytes("allocator-fragmentation.bytes", m.Active-m.Allocated)
	ratio("allocator-rss.ratio", command.Share(m.Resident, m.Active))
	bytes("allocator-rss.bytes", m.Resident-m.Active)
	ratio("rss-overhead.ratio", command.Share(rss, m.Resident))
	bytes("rss-overhead.bytes", rss-m.Resident)
	ratio("fragmentation", command.Share(rss, m.Used))
	bytes("fragmentation.bytes", rss-m.Used)
	for _, a := range accounts {
		bytes("redistill."+strings.ReplaceAll(a.Name, "_", "."), a.Of(&m.Held))
	}
	bytes("redistill.accounted", m.Held.Sum())
	bytes("redistill.resident", rss)
}

func cmdMemoryPurge(c *command.Ctx) {
	if _, err := c.Store.Trim(); err != nil {
		c.W.Error("ERR " + err.Error())
		return
	}
	c.W.OK()
}

// What MEMORY DOCTOR takes for a problem.
const (
	littleMemory  = 5 << 20
	muchMoreAtTop = 1.5
	muchUnused    = 1.4
	nearLimit     = 0.95
)

func cmdMemoryDoctor(c *command.Ctx) {
	m := c.Env.MemoryFigures()
	if m.Used < littleMemory {
		c.W.Verbatim("txt", "This instance uses very little memory: there is nothing to judge yet.\n")
		return
	}
	var b strings.Builder
	if m.Limit > 0 && command.Share(m.Used, m.Limit) > nearLimit {
		fmt.Fprintf(&b, "* Memory is full: %s of %s are used. Evictions or refused writes follow. Raise maxmemory or set shorter expiries.\n",
			command.Human(m.Used), command.Human(m.Limit))
	}
	if command.Share(m.Peak, m.Used) > muchMoreAtTop {
		fmt.Fprintf(&b, "* Peak memory: %s were used once, %s are now. Fragmentation may be high for that reason.\n", command.Human(m.Peak), command.Human(m.Used))
	}
	if m.Held.Resident > 0 && command.Share(m.Held.Resident, m.Used) > muchUnused {
		fmt.Fprintf(&b, "* Unused memory: the process holds %s, and %s are used. MEMORY PURGE returns what can be returned.\n",
			command.Human(m.Held.Resident), command.Human(m.Used))
	}
	if b.Len() == 0 {
		b.WriteString("No memory problems were found.\n")
	}
	c.W.Verbatim("txt", b.String())
}

// cmdMemoryMallocStats says what the arena holds.
func cmdMemoryMallocStats(c *command.Ctx) {
	m := c.Store.Memory()
	c.W.Verbatim("txt", fmt.Sprintf("allocated: %d\nactive: %d\nresident: %d\n", m.Allocated, m.Used, m.Resident))
}
