package basics

import (
	"strings"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
)

func cmdCommandDocs(c *command.Ctx) {
	var list []*command.Command
	if len(c.Args) == 2 {
		all := c.Env.Table.Commands()
		for i := range all {
			list = append(list, &all[i])
		}
	}
	for _, name := range c.Args[2:] {
		if cmd := c.Env.Table.LookupFull(name); cmd != nil {
			list = append(list, cmd)
		}
	}
	c.W.Map(len(list))
	for _, cmd := range list {
		writeDocs(c, cmd)
	}
}

// writeDocs writes a command's name and what COMMAND DOCS says of it.
func writeDocs(c *command.Ctx, cmd *command.Command) {
	fields := 4
	if len(cmd.Args) > 0 {
		fields++
	}
	if len(cmd.Subs()) > 0 {
		fields++
	}
	c.W.BulkString(cmd.FullName)
	c.W.Map(fields)
	writeField(c, "summary", cmd.Summary)
	writeField(c, "since", cmd.Since)
	writeField(c, "group", cmd.Group)
	writeField(c, "complexity", cmd.Complexity)
	if len(cmd.Args) > 0 {
		c.W.BulkString("arguments")
		w := argsWriter{c: c, specs: strings.Count(cmd.KeyAccess, ";") + 1}
		w.writeArgs(cmd.Args)
	}
	if len(cmd.Subs()) > 0 {
		c.W.BulkString("subcommands")
		c.W.Map(len(cmd.Subs()))
		for i := range cmd.Subs() {
			writeDocs(c, &cmd.Subs()[i])
		}
	}
}

func writeField(c *command.Ctx, name, value string) {
	c.W.BulkString(name)
	c.W.BulkString(value)
}

// argsWriter writes the arguments of one command.
type argsWriter struct {
	c     *command.Ctx
	specs int // key specifications, which the keys have one after the other
	keys  int // keys written so far
}

func (w *argsWriter) writeArgs(list []arg.Arg) {
	w.c.W.Array(len(list))
	for _, a := range list {
		w.writeArg(a)
	}
}

func (w *argsWriter) writeArg(a arg.Arg) {
	c := w.c
	var flags []string
	if a.Optional {
		flags = append(flags, "optional")
	}
	if a.Multiple {
		flags = append(flags, "multiple")
	}
	if a.EachToken {
		flags = append(flags, "multiple_token")
	}
	fields := 2
	for _, there := range []bool{a.Type == arg.TypeKey, a.Token != "", flags != nil, len(a.Args) > 0} {
		if there {
			fields++
		}
	}
	c.W.Map(fields)
	writeField(c, "name", a.Name)
	writeField(c, "type", string(a.Type))
	if a.Type == arg.TypeKey {
		c.W.BulkString("key_spec_index")
		c.W.Int(int64(min(w.keys, w.specs-1)))
		w.keys++
	}
	if a.Token != "" {
		writeField(c, "token", a.Token)
	}
	if flags != nil {
		c.W.BulkString("flags")
		writeSet(c, flags)
	}
	if len(a.Args) > 0 {
		c.W.BulkString("arguments")
		w.writeArgs(a.Args)
	}
}
