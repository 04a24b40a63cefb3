package command

import "github.com/redistill-go/redistill/core/command/arg"

// statsSpecs are the commands that look into the server.
func statsSpecs() []Spec {
	const server = "server"
	return []Spec{
		{
			Name: "debug", Handler: cmdDebug, Arity: -2, Flags: Admin | NoScript | Loading | Stale,
			Group: server, Since: "1.0.0",
			Summary:    "Help with testing, where server.enable_debug_command allows it",
			Complexity: "Depends on the subcommand",
			Args:       arg.List(arg.String("subcommand"), arg.Optional(arg.Multiple(arg.String("arg")))),
		}, {
			Name: "latency", Arity: -2, Group: server, Since: "2.8.13",
			Summary:     "Commands about how long commands take",
			Complexity:  "Depends on the subcommand",
			Subcommands: latencySpecs(),
		}, {
			Name: "memory", Arity: -2, Group: server, Since: "4.0.0",
			Summary:     "Commands about memory",
			Complexity:  "Depends on the subcommand",
			Subcommands: memorySpecs(),
		}, {
			Name: "object", Arity: -2, Group: "generic", Since: "2.2.3",
			Summary:     "Commands about how values are kept",
			Complexity:  "Depends on the subcommand",
			Subcommands: objectSpecs(),
		}, {
			Name: "slowlog", Arity: -2, Group: server, Since: "2.2.12",
			Summary:     "Commands about the commands that took long",
			Complexity:  "Depends on the subcommand",
			Subcommands: slowlogSpecs(),
		},
	}
}

func slowlogSpecs() []Spec {
	const group = "server"
	const flags = Admin | Loading | Stale
	return []Spec{
		{
			Name: "get", Handler: cmdSlowlogGet, Arity: -2, Flags: flags,
			Group: group, Since: "2.2.12",
			Summary:    "Return the last commands that took long, by default ten; -1: all that are kept",
			Complexity: "O(N) with N being the number of entries returned",
			Tips:       []string{"request_policy:all_nodes", "nondeterministic_output"},
			Args:       arg.List(arg.Optional(arg.Integer("count"))),
		}, helpSpec(group, 0, "6.2.0"), {
			Name: "len", Handler: cmdSlowlogLen, Arity: 2, Flags: flags,
			Group: group, Since: "2.2.12",
			Summary:    "Return how many commands that took long are kept",
			Complexity: "O(1)",
			Tips:       []string{"request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"},
		}, {
			Name: "reset", Handler: cmdSlowlogReset, Arity: 2, Flags: flags,
			Group: group, Since: "2.2.12",
			Summary:    "Forget the commands that took long",
			Complexity: "O(1)",
			Tips:       []string{"request_policy:all_nodes", "response_policy:all_succeeded"},
		},
	}
}

func latencySpecs() []Spec {
	const group = "server"
	const flags = Admin | NoScript | Loading | Stale
	return []Spec{
		{
			Name: "doctor", Handler: cmdLatencyDoctor, Arity: 2, Flags: flags,
			Group: group, Since: "2.8.13",
			Summary:    "Describe the latency spikes in words",
			Complexity: "O(1)",
			Tips:       []string{"nondeterministic_output", "request_policy:all_nodes", "response_policy:special"},
		}, {
			Name: "graph", Handler: cmdLatencyGraph, Arity: 3, Flags: flags,
			Group: group, Since: "2.8.13",
			Summary:    "Draw the latency spikes of an event",
			Complexity: "O(1)",
			Tips:       []string{"nondeterministic_output", "request_policy:all_nodes", "response_policy:special"},
			Args:       arg.List(arg.String("event")),
		}, helpSpec(group, 0, "2.8.13"), {
			Name: "histogram", Handler: cmdLatencyHistogram, Arity: -2, Flags: flags,
			Group: group, Since: "7.0.0",
			Summary:    "Return how many calls of commands took at most so long, by default of all commands",
			Complexity: "O(N) with N being the number of commands",
			Tips:       []string{"nondeterministic_output", "request_policy:all_nodes", "response_policy:special"},
			Args:       arg.List(arg.Optional(arg.Multiple(arg.String("command")))),
		}, {
			Name: "history", Handler: cmdLatencyHistory, Arity: 3, Flags: flags,
			Group: group, Since: "2.8.13",
			Summary:    "Return the latency spikes of an event",
			Complexity: "O(1)",
			Tips:       []string{"nondeterministic_output", "request_policy:all_nodes", "response_policy:special"},
			Args:       arg.List(arg.String("event")),
		}, {
			Name: "latest", Handler: cmdLatencyLatest, Arity: 2, Flags: flags,
			Group: group, Since: "2.8.13",
			Summary:    "Return the last latency spike of each event",
			Complexity: "O(1)",
			Tips:       []string{"nondeterministic_output", "request_policy:all_nodes", "response_policy:special"},
		}, {
			Name: "reset", Handler: cmdLatencyReset, Arity: -2, Flags: flags,
			Group: group, Since: "2.8.13",
			Summary:    "Forget the latency spikes of events, by default of all",
			Complexity: "O(1)",
			Tips:       []string{"request_policy:all_nodes", "response_policy:agg_sum"},
			Args:       arg.List(arg.Optional(arg.Multiple(arg.String("event")))),
		},
	}
}

func memorySpecs() []Spec {
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

func objectSpecs() []Spec {
	of := func(name, since, summary string, handler func(*Ctx)) Spec {
		return Spec{
			Name: name, Handler: handler, Arity: 3, Flags: ReadOnly,
			FirstKey: 2, LastKey: 2, KeyStep: 1, KeyAccess: "RO",
			Categories: CatKeyspace, Group: "generic", Since: since,
			Summary: summary, Complexity: "O(1)", Tips: []string{"nondeterministic_output"},
			Args: arg.List(arg.Key("key")),
		}
	}
	return []Spec{
		of("encoding", "2.2.3", "Return Redis's name for how the value of a key is kept", cmdObjectEncoding),
		of("freq", "4.0.0", "Return how often a key is used, where the eviction policy counts it", cmdObjectFreq),
		helpSpec("generic", CatKeyspace, "6.2.0"),
		of("idletime", "2.2.3", "Return the seconds since a key was last used, where the eviction policy keeps it", cmdObjectIdleTime),
		of("refcount", "2.2.3", "Return the number of references to the value of a key", cmdObjectRefCount),
	}
}
