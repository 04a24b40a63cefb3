package basics

import (
	"strconv"
	"time"

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

func cmdDBSize(c *command.Ctx) { c.W.Int(int64(c.Store.Totals().Keys)) }

// cmdFlush empties the one database. The keys are gone at once for everybody,
// and the memory is given back while other clients are served. SYNC waits for
// that, except in a transaction, where others would wait too.
func cmdFlush(c *command.Ctx) {
	if len(c.Args) > 2 || len(c.Args) == 2 && !command.EqualFold(c.Args[1], "sync") && !command.EqualFold(c.Args[1], "async") {
		c.W.Error(command.TextSyntax)
		return
	}
	release := c.Whole().Flush()
	if c.InExec() || len(c.Args) == 2 && command.EqualFold(c.Args[1], "async") {
		c.Store.Background(release)
	} else {
		release()
	}
	c.W.OK()
}

func cmdTime(c *command.Ctx) {
	now := time.Now()
	c.W.Array(2)
	c.W.BulkInt(now.Unix())
	c.W.BulkInt(int64(now.Nanosecond() / 1000))
}

func itoa[T int | int64](n T) string { return strconv.FormatInt(int64(n), 10) }
