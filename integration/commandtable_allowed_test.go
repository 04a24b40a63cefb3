package integration

import "slices"

// tableDifference is a field of the command table in which this server says
// something else than its peers, and why.
type tableDifference struct {
	reason   string
	field    string
	peers    []string
	commands []string
}

// newerCommands came with versions of Redis after the one that was recorded.
var newerCommands = []string{"delex", "digest"}

var tableDifferences = []tableDifference{
	{
		reason:   "these have conditions or operations of Redis since 8.2 and 8.4",
		field:    "arguments",
		peers:    []string{"redis"},
		commands: []string{"bitop", "set"},
	}, {
		reason:   "Redis had it before Valkey",
		field:    "since",
		peers:    []string{"valkey"},
		commands: []string{"msetex"},
	}, {
		reason:   "what others list as subcommands is an argument here",
		field:    "arguments",
		peers:    []string{"redis"},
		commands: []string{"cluster", "debug"},
	}, {
		reason:   "this server has no cluster, functions or modules, and its configuration file is the operator's",
		field:    "subcommands",
		peers:    []string{"redis", "valkey"},
		commands: []string{"cluster", "config", "function", "module"},
	}, {
		reason:   "Valkey alone has CLIENT CAPA and IMPORT-SOURCE",
		field:    "subcommands",
		peers:    []string{"valkey"},
		commands: []string{"client"},
	}, {
		reason: "Valkey answers these while a script holds the server; here none does",
		field:  "flags",
		peers:  []string{"valkey"},
		commands: []string{"client|caching", "client|getname", "client|getredir", "client|id", "client|no-evict", "client|no-touch",
			"client|reply", "client|setinfo", "client|setname", "select"},
	}, {
		reason:   "Valkey refuses these inside MULTI by the flag no_multi, Redis with an error of the command's own",
		field:    "flags",
		peers:    []string{"valkey"},
		commands: []string{"multi", "watch"},
	}, {
		reason:   "Valkey's slow log is one of three, which it calls the command log",
		field:    "flags",
		peers:    []string{"valkey"},
		commands: []string{"exec"},
	}, {
		reason:   "Valkey answers these while it loads",
		field:    "flags",
		peers:    []string{"valkey"},
		commands: []string{"memory|malloc-stats", "memory|purge"},
	}, {
		reason:   "Redis and Valkey came to these commands apart, and to different tips and key specifications",
		field:    "tips",
		peers:    []string{"valkey"},
		commands: []string{"hpttl", "httl"},
	}, {
		reason:   "Redis and Valkey came to these commands apart, and to different tips and key specifications",
		field:    "key specs",
		peers:    []string{"valkey"},
		commands: []string{"hgetex", "hsetex"},
	},
}

// differenceOf is the reason for which a field may differ, "" if there is none.
func differenceOf(name, field, peer string) string {
	for _, d := range tableDifferences {
		if d.field == field && slices.Contains(d.peers, peer) && slices.Contains(d.commands, name) {
			return d.reason
		}
	}
	return ""
}
