package introspection

import (
	"time"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
)

func slowlogSpecs() []command.Spec {
	return []command.Spec{{
		Name: "slowlog", Arity: -2, Group: "server", Since: "2.2.12",
		Summary:     "Commands about the commands that took long",
		Complexity:  "Depends on the subcommand",
		Subcommands: slowlogSubcommands(),
	}}
}

func slowlogSubcommands() []command.Spec {
	const group = "server"
	const flags = command.Admin | command.Loading | command.Stale
	return []command.Spec{
		{
			Name: "get", Handler: cmdSlowlogGet, Arity: -2, Flags: flags,
			Group: group, Since: "2.2.12",
			Summary:    "Return the last commands that took long, by default ten; -1: all that are kept",
			Complexity: "O(N) with N being the number of entries returned",
			Tips:       []string{"request_policy:all_nodes", "nondeterministic_output"},
			Args:       arg.List(arg.Optional(arg.Integer("count"))),
		}, command.Help(group, 0, "6.2.0"), {
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

// slowlogUsual is how many entries SLOWLOG GET returns unless told otherwise.
const slowlogUsual = 10

func cmdSlowlogGet(c *command.Ctx) {
	n := int64(slowlogUsual)
	switch {
	case len(c.Args) > 3:
		c.W.Error(c.SubcommandError())
		return
	case len(c.Args) == 3:
		var ok bool
		if n, ok = c.Integer(2); !ok || n < -1 {
			c.W.Error("ERR count should be greater than or equal to -1")
			return
		}
	}
	list := c.Env.Stats.Slowlog.Last(int(min(n, 1<<30)))
	c.W.Array(len(list))
	for _, e := range list {
		c.W.Array(6)
		c.W.Int(e.ID)
		c.W.Int(e.At.Unix())
		c.W.Int(e.Took.Microseconds())
		c.W.Array(len(e.Args))
		for _, a := range e.Args {
			c.W.BulkString(a)
		}
		c.W.BulkString(e.Addr)
		c.W.BulkString(e.Name)
	}
}

func cmdSlowlogLen(c *command.Ctx) { c.W.Int(int64(c.Env.Stats.Slowlog.Len())) }

func cmdSlowlogReset(c *command.Ctx) {
	c.Env.Stats.Slowlog.Reset()
	c.W.OK()
}

// millis is a duration in whole milliseconds, and a spike that was kept lasted
// at least one.
func millis(d time.Duration) int64 { return max(d.Milliseconds(), 1) }
