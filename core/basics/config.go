package basics

import (
	"slices"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/glob"
)

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

func cmdConfigGet(c *command.Ctx) {
	asked := c.Args[2:]
	var found [][2]string
	patterns := make([]glob.Pattern, len(asked))
	for i, a := range asked {
		patterns[i] = glob.New(a, true)
	}
	c.Env.Config.Get(func(name string) bool {
		return slices.ContainsFunc(patterns, func(p glob.Pattern) bool { return p.Match([]byte(name), nil) })
	}, func(name, value string) { found = append(found, [2]string{name, value}) })
	c.W.Map(len(found))
	for _, f := range found {
		c.W.BulkString(asWritten(f[0], asked))
		c.W.BulkString(f[1])
	}
}

// asWritten is the name as the client wrote it, if it did write it out.
func asWritten(name string, asked [][]byte) string {
	for _, a := range asked {
		if command.EqualFold(a, name) {
			return string(a)
		}
	}
	return name
}

func cmdConfigSet(c *command.Ctx) {
	if len(c.Args)%2 != 0 {
		c.W.Error(command.TextSyntax)
		return
	}
	var pairs [][2]string
	for i := 2; i < len(c.Args); i += 2 {
		// What is longer is not the name of a parameter: the error shows how it begins.
		name := c.Args[i][:min(len(c.Args[i]), command.MaxEchoed)]
		pairs = append(pairs, [2]string{string(name), string(c.Args[i+1])})
	}
	if err := c.Env.Config.Set(pairs); err != nil {
		c.W.Error(err.Error())
		return
	}
	c.W.OK()
}

func cmdConfigResetStat(c *command.Ctx) {
	t := c.Store.Totals()
	c.Env.Stats.Reset(t.Expired, t.Evicted)
	c.W.OK()
}

// configValue is a parameter's value, "" if there is no such parameter.
func configValue(e *command.Env, name string) (value string) {
	e.Config.Get(func(n string) bool { return n == name }, func(_, v string) { value = v })
	return value
}

// secretParameter is Secret of CONFIG SET.
func secretParameter(args [][]byte, i int) bool {
	return i%2 == 1 && i > 2 && command.EqualFold(args[i-1], "requirepass")
}
