package basics

import (
	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
)

// standaloneSpecs are the commands that ask about what this server doesn't have:
// replicas, a cluster, modules and functions. Clients send them to find out.
func standaloneSpecs() []command.Spec {
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
			Name: "wait", Handler: cmdWait, Arity: 3, Flags: command.Blocking,
			Categories: command.CatConnection, Group: "generic", Since: "3.0.0",
			Summary:    "Wait for replicas to acknowledge the client's writes: there are none, so it takes its time and returns 0",
			Complexity: "O(1)",
			Tips:       []string{"request_policy:all_shards", "response_policy:agg_min"},
			Args:       arg.List(arg.Integer("numreplicas"), arg.Integer("timeout")),
		},
	}
}

// nodeSpecs are those of them that operators send.
func nodeSpecs() []command.Spec {
	return []command.Spec{
		{
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
			Name: "role", Handler: cmdRole, Arity: 1, Flags: command.NoScript | command.Loading | command.Stale | command.Fast,
			Categories: command.CatAdmin | command.CatDangerous, Group: "server", Since: "2.8.12",
			Summary:    "Return the role in replication: a master without replicas",
			Complexity: "O(1)",
		},
	}
}

func cmdNoCluster(c *command.Ctx) { c.W.Error("ERR This instance has cluster support disabled") }

func cmdModuleList(c *command.Ctx) { c.W.Array(0) }

func cmdFunctionFlush(c *command.Ctx) {
	if len(c.Args) > 3 {
		c.W.Error(c.SubcommandError())
		return
	}
	if len(c.Args) == 3 && !command.EqualFold(c.Args[2], "sync") && !command.EqualFold(c.Args[2], "async") {
		c.W.Error("ERR FUNCTION FLUSH only supports SYNC|ASYNC option")
		return
	}
	c.W.OK()
}

func cmdRole(c *command.Ctx) {
	c.W.Array(3)
	c.W.BulkString("master")
	c.W.Int(0) // the replication offset
	c.W.Array(0)
}
