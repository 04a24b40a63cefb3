package basics

import (
	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
)

func serverSpecs() []command.Spec {
	const group = "server"
	flushMode := arg.Choice("flush-type", "ASYNC", "SYNC")
	return []command.Spec{
		{
			Name: "command", Handler: cmdCommand, Arity: -1, Flags: command.Loading | command.Stale,
			Categories: command.CatConnection, Group: group, Since: "2.8.13",
			Summary:     "Describe all commands",
			Complexity:  "O(N) with N being the number of commands",
			Tips:        []string{"nondeterministic_output_order"},
			Subcommands: commandSpecs(),
		}, {
			Name: "config", Arity: -2,
			Group: group, Since: "2.0.0",
			Summary:     "Commands about the configuration",
			Complexity:  "Depends on the subcommand",
			Subcommands: configSpecs(),
		}, {
			Name: "dbsize", Handler: cmdDBSize, Arity: 1, Flags: command.ReadOnly | command.Fast,
			Categories: command.CatKeyspace, Group: group, Since: "1.0.0",
			Summary:    "Return the number of keys",
			Complexity: "O(1)",
			Tips:       []string{"request_policy:all_shards", "response_policy:agg_sum"},
		}, {
			Name: "flushall", Handler: cmdFlush, Arity: -1, Flags: command.Write,
			Categories: command.CatKeyspace | command.CatDangerous, Group: group, Since: "1.0.0",
			Summary:    "Delete all keys",
			Complexity: "O(N) with N being the number of keys",
			Tips:       []string{"request_policy:all_shards", "response_policy:all_succeeded"},
			Args:       arg.List(flushMode),
		}, {
			Name: "flushdb", Handler: cmdFlush, Arity: -1, Flags: command.Write,
			Categories: command.CatKeyspace | command.CatDangerous, Group: group, Since: "1.0.0",
			Summary:    "Delete all keys of the selected database",
			Complexity: "O(N) with N being the number of keys",
			Tips:       []string{"request_policy:all_shards", "response_policy:all_succeeded"},
			Args:       arg.List(flushMode),
		}, {
			Name: "info", Handler: cmdInfo, Arity: -1, Flags: command.Loading | command.Stale,
			Categories: command.CatDangerous, Group: group, Since: "1.0.0",
			Summary:    "Return facts and statistics about the server",
			Complexity: "O(1)",
			Tips:       []string{"nondeterministic_output", "request_policy:all_shards", "response_policy:special"},
			Args:       arg.List(arg.Optional(arg.Multiple(arg.String("section")))),
		}, {
			Name: "time", Handler: cmdTime, Arity: 1, Flags: command.Loading | command.Stale | command.Fast,
			Group: group, Since: "2.6.0",
			Summary:    "Return the server's time: Unix seconds, and microseconds",
			Complexity: "O(1)",
			Tips:       []string{"nondeterministic_output"},
		},
	}
}

func configSpecs() []command.Spec {
	const group = "server"
	const flags = command.Admin | command.NoScript | command.Loading | command.Stale
	return []command.Spec{
		{
			Name: "get", Handler: cmdConfigGet, Arity: -3, Flags: flags,
			Group: group, Since: "2.0.0",
			Summary:    "Return the parameters that match glob patterns",
			Complexity: "O(N) with N being the number of parameters",
			Args:       arg.List(arg.Multiple(arg.String("parameter"))),
		}, command.Help(group, 0, "5.0.0"), {
			Name: "resetstat", Handler: cmdConfigResetStat, Arity: 2, Flags: flags,
			Group: group, Since: "2.0.0",
			Summary:    "Set the statistics that INFO shows back to zero",
			Complexity: "O(1)",
			Tips:       []string{"request_policy:all_nodes", "response_policy:all_succeeded"},
		}, {
			Name: "set", Handler: cmdConfigSet, Arity: -4, Flags: flags, Secret: secretParameter,
			Group: group, Since: "2.0.0",
			Summary:    "Change parameters, all of them or none",
			Complexity: "O(N) with N being the number of parameters",
			Tips:       []string{"request_policy:all_nodes", "response_policy:all_succeeded"},
			Args:       arg.List(arg.Multiple(arg.Block("data", arg.String("parameter"), arg.String("value")))),
		},
	}
}

func commandSpecs() []command.Spec {
	const group = "server"
	const flags = command.Loading | command.Stale
	return []command.Spec{
		{
			Name: "count", Handler: cmdCommandCount, Arity: 2, Flags: flags,
			Categories: command.CatConnection, Group: group, Since: "2.8.13",
			Summary:    "Return the number of commands",
			Complexity: "O(1)",
		}, {
			Name: "docs", Handler: cmdCommandDocs, Arity: -2, Flags: flags,
			Categories: command.CatConnection, Group: group, Since: "7.0.0",
			Summary:    "Return the documentation of commands, by default of all",
			Complexity: "O(N) with N being the number of commands",
			Tips:       []string{"nondeterministic_output_order"},
			Args:       arg.List(arg.Optional(arg.Multiple(arg.String("command-name")))),
		}, {
			Name: "getkeys", Handler: cmdCommandGetKeys, Arity: -3, Flags: flags,
			Categories: command.CatConnection, Group: group, Since: "2.8.13",
			Summary:    "Return the keys in a request",
			Complexity: "O(N) with N being the number of arguments",
			Args:       arg.List(arg.String("command"), arg.Optional(arg.Multiple(arg.String("arg")))),
		}, {
			Name: "getkeysandflags", Handler: cmdCommandGetKeysAndFlags, Arity: -3, Flags: flags,
			Categories: command.CatConnection, Group: group, Since: "7.0.0",
			Summary:    "Return the keys in a request and what it does to them",
			Complexity: "O(N) with N being the number of arguments",
			Args:       arg.List(arg.String("command"), arg.Optional(arg.Multiple(arg.String("arg")))),
		}, command.Help(group, command.CatConnection, "5.0.0"), {
			Name: "info", Handler: cmdCommandInfo, Arity: -2, Flags: flags,
			Categories: command.CatConnection, Group: group, Since: "2.8.13",
			Summary:    "Describe commands, by default all",
			Complexity: "O(N) with N being the number of commands",
			Tips:       []string{"nondeterministic_output_order"},
			Args:       arg.List(arg.Optional(arg.Multiple(arg.String("command-name")))),
		}, {
			Name: "list", Handler: cmdCommandList, Arity: -2, Flags: flags,
			Categories: command.CatConnection, Group: group, Since: "7.0.0",
			Summary:    "Return the names of the commands, all of them or those that match",
			Complexity: "O(N) with N being the number of commands",
			Tips:       []string{"nondeterministic_output_order"},
			Args: arg.List(arg.Optional(arg.After("FILTERBY", arg.OneOf("filterby",
				arg.After("MODULE", arg.String("module-name")),
				arg.After("ACLCAT", arg.String("category")),
				arg.After("PATTERN", arg.Pattern("pattern")))))),
		},
	}
}

// secretParameter is Secret of CONFIG SET.
func secretParameter(args [][]byte, i int) bool {
	return i%2 == 1 && i > 2 && command.EqualFold(args[i-1], "requirepass")
}
