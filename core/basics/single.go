package basics

import "github.com/redistill-go/redistill/core/command"

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
