package command

import (
	"fmt"
	"strings"

	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/stats"
	"github.com/redistill-go/redistill/core/store"
)

func memorySpecs() []Spec {
	return []Spec{{
		Name: "memory", Arity: -2, Group: "server", Since: "4.0.0",
		Summary:     "Commands about memory",
		Complexity:  "Depends on the subcommand",
		Subcommands: memorySubcommands(),
	}}
}

func memorySubcommands() []Spec {
	const group = "server"
	return []Spec{
		{
			Name: "doctor", Handler: cmdMemoryDoctor, Arity: 2, Group: group, Since: "4.0.0",
			Summary:    "Describe problems with memory in words",
			Complexity: "O(1)",
			Tips:       []string{"nondeterministic_output", "request_policy:all_shards", "response_policy:special"},
		}, helpSpec(group, 0, "4.0.0"), {
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
			Name: "usage", Handler: cmdMemoryUsage, Arity: -3, Flags: ReadOnly,
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
func cmdMemoryUsage(c *Ctx) {
	for i := 3; i < len(c.Args); i += 2 {
		if !equalFold(c.Args[i], "samples") || i+1 == len(c.Args) {
			c.W.Error(errSyntax)
			return
		}
		n, ok := c.integer(i + 1)
		if !ok {
			c.W.Error(errNotInteger)
			return
		}
		if n < 0 {
			c.W.Error(errSyntax)
			return
		}
	}
	c.withEntry(func(_ *store.Shard, e store.Entry) { c.W.Int(int64(e.Footprint()) + indexCost) })
}

// cmdMemoryStats answers what Redis does, and what every account holds.
func cmdMemoryStats(c *Ctx) {
	m, keys := c.Env.memoryFigures(), int64(c.Store.Totals().Keys)
	accounts, rss := stats.Holdings(), m.held.Resident
	bytes := func(name string, n int64) { c.W.BulkString(name); c.W.Int(n) }
	ratio := func(name string, f float64) { c.W.BulkString(name); c.W.Double(f) }
	fields := 31 + len(accounts) + 2
	if keys > 0 {
		fields++
	}
	c.W.Map(fields)
	bytes("peak.allocated", m.peak)
	bytes("total.allocated", m.used)
	bytes("startup.allocated", m.startup)
	bytes("replication.backlog", 0)
	bytes("clients.slaves", 0)
	bytes("clients.normal", m.held.Clients())
	bytes("cluster.links", 0)
	bytes("aof.buffer", 0)
	bytes("lua.caches", 0)
	bytes("functions.caches", 0)
	if keys > 0 {
		c.W.BulkString("db.0")
		c.W.Map(2)
		bytes("overhead.hashtable.main", m.held.Index)
		bytes("overhead.hashtable.expires", 0) // an expiry is in its entry
	}
	bytes("overhead.db.hashtable.lut", m.held.Index)
	bytes("overhead.db.hashtable.rehashing", 0) // an index grows at once
	bytes("overhead.total", m.overhead)
	bytes("db.dict.rehashing.count", 0)
	bytes("keys.count", keys)
	bytes("keys.bytes-per-key", max(m.used-m.startup, 0)/max(keys, 1))
	bytes("dataset.bytes", m.dataset)
	ratio("dataset.percentage", m.datasetShare()*100)
	ratio("peak.percentage", m.peakShare()*100)
	bytes("allocator.allocated", m.allocated)
	bytes("allocator.active", m.active)
	bytes("allocator.resident", m.resident)
	bytes("allocator.muzzy", 0)
	ratio("allocator-fragmentation.ratio", share(m.active, m.allocated))
	bytes("allocator-fragmentation.bytes", m.active-m.allocated)
	ratio("allocator-rss.ratio", share(m.resident, m.active))
	bytes("allocator-rss.bytes", m.resident-m.active)
	ratio("rss-overhead.ratio", share(rss, m.resident))
	bytes("rss-overhead.bytes", rss-m.resident)
	ratio("fragmentation", share(rss, m.used))
	bytes("fragmentation.bytes", rss-m.used)
	for _, a := range accounts {
		bytes("redistill."+strings.ReplaceAll(a.Name, "_", "."), a.Of(&m.held))
	}
	bytes("redistill.accounted", m.held.Sum())
	bytes("redistill.resident", rss)
}

func cmdMemoryPurge(c *Ctx) {
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

func cmdMemoryDoctor(c *Ctx) {
	m := c.Env.memoryFigures()
	if m.used < littleMemory {
		c.W.Verbatim("txt", "This instance uses very little memory: there is nothing to judge yet.\n")
		return
	}
	var b strings.Builder
	if m.limit > 0 && share(m.used, m.limit) > nearLimit {
		fmt.Fprintf(&b, "* Memory is full: %s of %s are used. Evictions or refused writes follow. Raise maxmemory or set shorter expiries.\n",
			human(m.used), human(m.limit))
	}
	if share(m.peak, m.used) > muchMoreAtTop {
		fmt.Fprintf(&b, "* Peak memory: %s were used once, %s are now. Fragmentation may be high for that reason.\n", human(m.peak), human(m.used))
	}
	if m.held.Resident > 0 && share(m.held.Resident, m.used) > muchUnused {
		fmt.Fprintf(&b, "* Unused memory: the process holds %s, and %s are used. MEMORY PURGE returns what can be returned.\n",
			human(m.held.Resident), human(m.used))
	}
	if b.Len() == 0 {
		b.WriteString("No memory problems were found.\n")
	}
	c.W.Verbatim("txt", b.String())
}

// cmdMemoryMallocStats says what the arena holds.
func cmdMemoryMallocStats(c *Ctx) {
	m := c.Store.Memory()
	c.W.Verbatim("txt", fmt.Sprintf("allocated: %d\nactive: %d\nresident: %d\n", m.Allocated, m.Used, m.Resident))
}
