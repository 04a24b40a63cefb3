package basics

import (
	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
)

// singleSpecs are the commands that ask about what this server doesn't have:
// replicas, a cluster, modules and functions. Clients send them to find out.
func singleSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "cluster", Handler: cmdNoCluster, Arity: -2,
			Group: "cluster", Since: "3.0.0",
			Summary:    "Reply that this server is not part of a cluster",
			Complexity: "O(1)",
			Args:       arg.List(arg.String("subcommand"), arg.Optional(arg.Multiple(arg.String("arg")))),
		}, {
			Name: "function", Arity: -2,
			Group: "scripting", Since: "7.0.0",
			Summary:    "Commands about functions, of which there are none",
			Complexity: "Depends on the subcommand",
			Subcommands: []command.Spec{{
				Name: "flush", Handler: cmdFunctionFlush, Arity: -2, Flags: command.Write | command.NoScript,
				Categories: command.CatScripting, Group: "scripting", Since: "7.0.0",
				Summary:    "Delete all functions",
				Complexity: "O(1)",
				Tips:       []string{"request_policy:all_shards", "response_policy:all_succeeded"},
				Args:       arg.List(arg.Choice("flush-type", "ASYNC", "SYNC")),
			}, command.Help("scripting", command.CatScripting, "7.0.0")},
		}, {
			Name: "module", Arity: -2,
			Group: "server", Since: "4.0.0",
			Summary:    "Commands about loaded modules, of which there are none",
			Complexity: "Depends on the subcommand",
			Subcommands: []command.Spec{command.Help("server", 0, "5.0.0"), {
				Name: "list", Handler: cmdModuleList, Arity: 2, Flags: command.Admin | command.NoScript,
				Group: "server", Since: "4.0.0",
				Summary:    "Return the loaded modules",
				Complexity: "O(1)",
				Tips:       []string{"nondeterministic_output_order"},
			}},
		}, {
			Name: "readonly", Handler: cmdNoCluster, Arity: 1, Flags: command.Loading | command.Stale | command.Fast,
			Categories: command.CatConnection, Group: "cluster", Since: "3.0.0",
			Summary:    "Reply that this server is not part of a cluster",
			Complexity: "O(1)",
		}, {
			Name: "readwrite", Handler: cmdNoCluster, Arity: 1, Flags: command.Loading | command.Stale | command.Fast,
			Categories: command.CatConnection, Group: "cluster", Since: "3.0.0",
			Summary:    "Reply that this server is not part of a cluster",
			Complexity: "O(1)",
		}, {
			Name: "role", Handler: cmdRole, Arity: 1, Flags: command.NoScript | command.Loading | command.Stale | command.Fast,
			Categories: command.CatAdmin | command.CatDangerous, Group: "server", Since: "2.8.12",
			Summary:    "Return the role in replication: a master without replicas",
			Complexity: "O(1)",
		}, {
			Name: "wait", Handler: cmdWait, Arity: 3, Flags: command.Blocking,
			Categories: command.CatConnection, Group: "generic", Since: "3.0.0",
			Summary:    "Wait for replicas to acknowledge the client's writes: there are none, so it takes its time and returns 0",
			Complexity: "O(1)",
			Tips:       []string{"request_policy:all_shards", "response_policy:agg_min"},
			Args:       arg.List(arg.Integer("numreplicas"), arg.Integer("timeout")),
		},
	}
}

func shutdownSpecs() []command.Spec {
	return []command.Spec{{
		Name: "shutdown", Handler: cmdShutdown, Arity: -1,
		Flags: command.Admin | command.NoScript | command.Loading | command.Stale | command.NoMulti | command.AllowBusy,
		Group: "server", Since: "1.0.0",
		Summary:    "Stop the server: save the last snapshot, drain the clients, end",
		Complexity: "O(N) with N being the number of keys, if a snapshot is saved",
		Args: arg.List(
			arg.Choice("save-selector", "NOSAVE", "SAVE"),
			arg.Optional(arg.Token("NOW")), arg.Optional(arg.Token("FORCE")), arg.Optional(arg.Token("ABORT"))),
	}}
}
