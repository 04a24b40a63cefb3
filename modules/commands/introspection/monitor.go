package introspection

import "github.com/redistill-go/redistill/core/command"

func monitorSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "monitor", Handler: cmdMonitor, Arity: 1, Flags: command.Admin | command.NoScript | command.Loading | command.Stale,
			Group: "server", Since: "1.0.0",
			Summary:    "Show every command that is executed from now on",
			Complexity: "O(1)",
		},
	}
}

// cmdMonitor has no reply for a client that is a monitor already, as in Redis.
func cmdMonitor(c *command.Ctx) {
	if c.InExec() {
		c.W.Error("ERR MONITOR isn't allowed for DENY BLOCKING client")
		return
	}
	if c.Client.Mode()&command.ModeMonitor != 0 {
		return
	}
	c.Client.SetMode(command.ModeMonitor, 0)
	c.Env.Monitors.Add(c.Client)
	c.W.OK()
}
