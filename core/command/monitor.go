package command

// cmdMonitor has no reply for a client that is a monitor already, as in Redis.
func cmdMonitor(c *Ctx) {
	if c.held != nil {
		c.W.Error("ERR MONITOR isn't allowed for DENY BLOCKING client")
		return
	}
	if c.Client.mode&ModeMonitor != 0 {
		return
	}
	c.Client.setMode(ModeMonitor, 0)
	c.Env.Monitors.add(c.Client)
	c.W.OK()
}
