package basics

import (
	"strings"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/glob"
)

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

func cmdCommand(c *command.Ctx) {
	list := c.Env.Table.Commands()
	c.W.Array(len(list))
	for i := range list {
		writeInfo(c, &list[i])
	}
}

func cmdCommandCount(c *command.Ctx) { c.W.Int(int64(len(c.Env.Table.Commands()))) }

func cmdCommandInfo(c *command.Ctx) {
	if len(c.Args) == 2 {
		cmdCommand(c)
		return
	}
	c.W.Array(len(c.Args) - 2)
	for _, name := range c.Args[2:] {
		if cmd := c.Env.Table.LookupFull(name); cmd != nil {
			writeInfo(c, cmd)
		} else {
			c.W.Null()
		}
	}
}

// writeInfo writes what COMMAND INFO says of one command.
func writeInfo(c *command.Ctx, cmd *command.Command) {
	c.W.Array(10)
	c.W.BulkString(cmd.FullName)
	c.W.Int(int64(cmd.Arity))
	writeSet(c, cmd.Flags.Names())
	first, last, step := cmd.FirstKey, cmd.LastKey, cmd.KeyStep
	if cmd.KeyCount > 0 {
		first, last, step = 0, 0, 0 // only the key specifications can tell
	}
	c.W.Int(int64(first))
	c.W.Int(int64(last))
	c.W.Int(int64(step))
	writeSet(c, cmd.ACL().Names())
	c.W.Set(len(cmd.Tips))
	for _, tip := range cmd.Tips {
		c.W.BulkString(tip)
	}
	writeKeySpecs(c, cmd)
	if len(cmd.Subs()) == 0 {
		c.W.Set(0)
		return
	}
	c.W.Array(len(cmd.Subs()))
	for i := range cmd.Subs() {
		writeInfo(c, &cmd.Subs()[i])
	}
}

func writeSet(c *command.Ctx, names []string) {
	c.W.Set(len(names))
	for _, n := range names {
		c.W.Simple(n)
	}
}

// writeKeySpecs writes where the keys are in the form that replaced FirstKey,
// LastKey and KeyStep.
func writeKeySpecs(c *command.Ctx, cmd *command.Command) {
	if cmd.FirstKey == 0 {
		c.W.Set(0)
		return
	}
	first, others, two := strings.Cut(cmd.KeyAccess, "; ")
	if !two {
		c.W.Set(1)
		writeKeySpec(c, cmd, first, cmd.FirstKey, cmd.LastKey)
		return
	}
	c.W.Set(2)
	writeKeySpec(c, cmd, first, cmd.FirstKey, cmd.FirstKey)
	writeKeySpec(c, cmd, others, cmd.FirstKey+cmd.KeyStep, cmd.LastKey)
}

func writeKeySpec(c *command.Ctx, cmd *command.Command, access string, first, last int) {
	if cmd.KeyNotes == "" {
		c.W.Map(3)
	} else {
		c.W.Map(4)
		writeField(c, "notes", cmd.KeyNotes)
	}
	c.W.BulkString("flags")
	writeSet(c, strings.Fields(access))
	c.W.BulkString("begin_search")
	if cmd.KeyCount > 0 {
		writeSearch(c, "index", []string{"index"}, cmd.KeyCount)
		c.W.BulkString("find_keys")
		writeSearch(c, "keynum", []string{"keynumidx", "firstkey", "keystep"}, 0, first-cmd.KeyCount, cmd.KeyStep)
		return
	}
	writeSearch(c, "index", []string{"index"}, first)
	c.W.BulkString("find_keys")
	if last > 0 {
		last -= first // counted from the first key, unless from the end
	}
	writeSearch(c, "range", []string{"lastkey", "keystep", "limit"}, last, cmd.KeyStep, 0)
}

func writeSearch(c *command.Ctx, kind string, names []string, values ...int) {
	c.W.Map(2)
	c.W.BulkString("type")
	c.W.BulkString(kind)
	c.W.BulkString("spec")
	c.W.Map(len(names))
	for i, n := range names {
		c.W.BulkString(n)
		c.W.Int(int64(values[i]))
	}
}

func cmdCommandList(c *command.Ctx) {
	wanted := func(*command.Command) bool { return true }
	switch {
	case len(c.Args) == 2:
	case len(c.Args) == 5 && command.EqualFold(c.Args[2], "filterby"):
		var ok bool
		if wanted, ok = commandFilter(c.Args[3], c.Args[4]); !ok {
			c.W.Error(command.TextSyntax)
			return
		}
	default:
		c.W.Error(command.TextSyntax)
		return
	}
	var names []string
	c.Env.Table.Each(func(cmd *command.Command) {
		if wanted(cmd) {
			names = append(names, cmd.FullName)
		}
	})
	c.W.Array(len(names))
	for _, n := range names {
		c.W.BulkString(n)
	}
}

// commandFilter is what FILTERBY means; false: there is no such kind.
func commandFilter(kind, value []byte) (wanted func(*command.Command) bool, ok bool) {
	switch {
	case command.EqualFold(kind, "module"): // no command comes from a Redis module
		return func(*command.Command) bool { return false }, true
	case command.EqualFold(kind, "aclcat"):
		category, known := command.CategoryNamed(value)
		return func(cmd *command.Command) bool { return known && cmd.ACL().Has(category) }, true
	case command.EqualFold(kind, "pattern"):
		p := glob.New(value, true)
		return func(cmd *command.Command) bool { return p.Match([]byte(cmd.FullName), nil) }, true
	}
	return nil, false
}
