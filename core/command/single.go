package command

func cmdNoCluster(c *Ctx) { c.W.Error("ERR This instance has cluster support disabled") }

func cmdModuleList(c *Ctx) { c.W.Array(0) }

func cmdFunctionFlush(c *Ctx) {
	if len(c.Args) > 3 {
		c.W.Error(c.subcommandError())
		return
	}
	if len(c.Args) == 3 && !equalFold(c.Args[2], "sync") && !equalFold(c.Args[2], "async") {
		c.W.Error("ERR FUNCTION FLUSH only supports SYNC|ASYNC option")
		return
	}
	c.W.OK()
}

func cmdRole(c *Ctx) {
	c.W.Array(3)
	c.W.BulkString("master")
	c.W.Int(0) // the replication offset
	c.W.Array(0)
}
