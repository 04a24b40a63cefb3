package basics

import (
	"strings"

	"github.com/redistill-go/redistill/core/command"
)

const errNoKeys = "ERR The command has no key arguments"

// keysOf finds the keys of the request in the arguments from COMMAND GETKEYS
// on, or replies with an error.
func keysOf(c *command.Ctx) (cmd *command.Command, keys [][]byte) {
	request := c.Args[2:]
	if cmd = c.Env.Table.Lookup(request[0]); cmd != nil && len(cmd.Subs()) > 0 && len(request) > 1 {
		cmd = cmd.Sub(request[1])
	}
	switch {
	case cmd == nil:
		c.W.Error("ERR Invalid command specified")
		return nil, nil
	case cmd.FirstKey == 0:
		c.W.Error(errNoKeys)
		return nil, nil
	case !cmd.ArityOK(len(request)):
		c.W.Error("ERR Invalid number of arguments specified for command")
		return nil, nil
	}
	first, last, step := cmd.KeyRange(request)
	if last < first {
		c.W.Error("ERR Invalid arguments specified for command")
		return nil, nil
	}
	for i := first; i <= last; i += step {
		keys = append(keys, request[i])
	}
	return cmd, keys
}

func cmdCommandGetKeys(c *command.Ctx) {
	_, keys := keysOf(c)
	if keys == nil {
		return
	}
	c.W.Array(len(keys))
	for _, k := range keys {
		c.W.Bulk(k)
	}
}

func cmdCommandGetKeysAndFlags(c *command.Ctx) {
	cmd, keys := keysOf(c)
	if keys == nil {
		return
	}
	first, others, several := strings.Cut(cmd.Access(c.Args[2:]), ";")
	c.W.Array(len(keys))
	for i, k := range keys {
		access := strings.Fields(first)
		if several && i > 0 {
			access = strings.Fields(others)
		}
		c.W.Array(2)
		c.W.Bulk(k)
		writeSet(c, access)
	}
}
