package basics

import (
	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
)

func saveSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "bgsave", Handler: cmdBGSave, Arity: -1, Flags: command.Admin | command.NoScript | command.NoAsyncLoading,
			Group: "server", Since: "1.0.0",
			Summary:    "Save a snapshot of this moment in the background",
			Complexity: "O(1)",
			Args:       arg.List(arg.Optional(arg.Token("SCHEDULE"))),
		}, {
			Name: "lastsave", Handler: cmdLastSave, Arity: 1, Flags: command.Loading | command.Stale | command.Fast,
			Categories: command.CatAdmin | command.CatDangerous, Group: "server", Since: "1.0.0",
			Summary:    "Return when the last snapshot was complete, in Unix seconds",
			Complexity: "O(1)",
			Tips:       []string{"nondeterministic_output"},
		}, {
			Name: "save", Handler: cmdSave, Arity: 1, Flags: command.Admin | command.NoScript | command.NoMulti | command.NoAsyncLoading,
			Group: "server", Since: "1.0.0",
			Summary:    "Save a snapshot of this moment and wait until it is complete",
			Complexity: "O(N) with N being the number of keys",
		},
	}
}

func beginSave(c *command.Ctx, later bool) (<-chan error, bool) {
	err := command.ErrNoBackend
	var done <-chan error
	if s := c.Env.Snapshots; s != nil {
		done, err = s.Begin(later)
	}
	if err != nil {
		c.W.Error("ERR " + err.Error())
		return nil, false
	}
	return done, true
}

// cmdSave saves a snapshot and replies when it is complete. Unlike in Redis,
// only the client that asked waits.
func cmdSave(c *command.Ctx) {
	done, ok := beginSave(c, false)
	if !ok {
		return
	}
	var err error
	if c.Blocks(func() { err = <-done }); err != nil {
		c.W.Error("ERR the snapshot was not saved: " + err.Error())
		return
	}
	c.W.OK()
}

// cmdBGSave replies when the moment of the snapshot has passed. In EXEC that is
// yet to come. SCHEDULE, which in Redis is about other work in the background,
// changes nothing.
func cmdBGSave(c *command.Ctx) {
	if len(c.Args) > 2 || len(c.Args) == 2 && !command.EqualFold(c.Args[1], "schedule") {
		c.W.Error(command.TextSyntax)
		return
	}
	later := c.InExec()
	if _, ok := beginSave(c, later); !ok {
		return
	}
	if later {
		c.W.Simple("Background saving scheduled")
		return
	}
	c.W.Simple("Background saving started")
}

func cmdLastSave(c *command.Ctx) { c.W.Int(lastSave(c.Env)) }

// lastSave is when the last good snapshot was complete, or as in Redis when
// the server started, in Unix seconds.
func lastSave(e *command.Env) int64 {
	if at := e.Stats.SnapshotLastUnixMs.Load(); at != 0 {
		return at / 1000
	}
	return e.Stats.Started.Unix()
}
