package command

func monitorSpecs() []Spec {
	return []Spec{
		{
			Name: "monitor", Handler: cmdMonitor, Arity: 1, Flags: Admin | NoScript | Loading | Stale,
			Group: "server", Since: "1.0.0",
			Summary:    "Show every command that is executed from now on",
			Complexity: "O(1)",
		},
	}
}

// cmdMonitor has no reply for a client that is a monitor already, as in Redis.
func cmdMonitor(c *Ctx) {
	if c.InExec() {
		c.W.Error("ERR MONITOR isn't allowed for DENY BLOCKING client")
		return
	}
	if c.Client.Mode()&ModeMonitor != 0 {
		return
	}
	c.Client.setMode(ModeMonitor, 0)
	c.Env.Monitors.add(c.Client)
	c.W.OK()
}
