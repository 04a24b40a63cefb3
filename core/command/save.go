package command

import (
	"github.com/redistill-go/redistill/core/command/arg"
)

func saveSpecs() []Spec {
	return []Spec{
		{
			Name: "bgsave", Handler: cmdBGSave, Arity: -1, Flags: Admin | NoScript | NoAsyncLoading,
			Group: "server", Since: "1.0.0",
			Summary:    "Save a snapshot of this moment in the background",
			Complexity: "O(1)",
			Args:       arg.List(arg.Optional(arg.Token("SCHEDULE"))),
		}, {
			Name: "lastsave", Handler: cmdLastSave, Arity: 1, Flags: Loading | Stale | Fast,
			Categories: CatAdmin | CatDangerous, Group: "server", Since: "1.0.0",
			Summary:    "Return when the last snapshot was complete, in Unix seconds",
			Complexity: "O(1)",
			Tips:       []string{"nondeterministic_output"},
		}, {
			Name: "save", Handler: cmdSave, Arity: 1, Flags: Admin | NoScript | NoMulti | NoAsyncLoading,
			Group: "server", Since: "1.0.0",
			Summary:    "Save a snapshot of this moment and wait until it is complete",
			Complexity: "O(N) with N being the number of keys",
		},
	}
}

func (c *Ctx) beginSave(later bool) (<-chan error, bool) {
	err := ErrNoBackend
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
func cmdSave(c *Ctx) {
	done, ok := c.beginSave(false)
	if !ok {
		return
	}
	if err := <-done; err != nil {
		c.W.Error("ERR the snapshot was not saved: " + err.Error())
		return
	}
	c.W.OK()
}

// cmdBGSave replies when the moment of the snapshot has passed. In EXEC that is
// yet to come. SCHEDULE, which in Redis is about other work in the background,
// changes nothing.
func cmdBGSave(c *Ctx) {
	if len(c.Args) > 2 || len(c.Args) == 2 && !equalFold(c.Args[1], "schedule") {
		c.W.Error(errSyntax)
		return
	}
	later := c.InExec()
	if _, ok := c.beginSave(later); !ok {
		return
	}
	if later {
		c.W.Simple("Background saving scheduled")
		return
	}
	c.W.Simple("Background saving started")
}

func cmdLastSave(c *Ctx) { c.W.Int(c.Env.lastSave()) }

// lastSave is when the last good snapshot was complete, or as in Redis when
// the server started, in Unix seconds.
func (e *Env) lastSave() int64 {
	if at := e.Stats.SnapshotLastUnixMs.Load(); at != 0 {
		return at / 1000
	}
	return e.Stats.Started.Unix()
}
