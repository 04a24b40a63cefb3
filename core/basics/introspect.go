package basics

import (
	"strings"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/glob"
)

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
