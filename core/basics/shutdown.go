package basics

import (
	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
)

func shutdownSpecs() []command.Spec {
	return []command.Spec{{
		Name: "shutdown", Handler: cmdShutdown, Arity: -1,
		Flags: command.Admin | command.NoScript | command.Loading | command.Stale | command.NoMulti | command.AllowBusy,
		Group: "server", Since: "1.0.0",
		Summary:    "Stop the server: save the last snapshot, drain the clients, end",
		Complexity: "O(N) with N being the number of keys, if a snapshot is saved",
		Args: arg.List(
			arg.Choice("save-selector", "NOSAVE", "SAVE"),
			arg.Optional(arg.Token("NOW")), arg.Optional(arg.Token("FORCE")), arg.Optional(arg.Token("ABORT"))),
	}}
}

// cmdShutdown asks the process to stop and doesn't reply, except with an error:
// the connection ends when the clients have been drained. NOW, which is about
// waiting for replicas, changes nothing.
func cmdShutdown(c *command.Ctx) {
	var save, noSave, abort, now, force bool
	for _, a := range c.Args[1:] {
		switch {
		case command.EqualFold(a, "nosave"):
			noSave = true
		case command.EqualFold(a, "save"):
			save = true
		case command.EqualFold(a, "now"):
			now = true
		case command.EqualFold(a, "force"):
			force = true
		case command.EqualFold(a, "abort"):
			abort = true
		default:
			c.W.Error(command.TextSyntax)
			return
		}
	}
	switch {
	case save && noSave || abort && (save || noSave || now || force):
		c.W.Error(command.TextSyntax)
		return
	case abort && c.Env.Stopper != nil && c.Env.Stopper.Abort():
		c.W.OK()
		return
	case abort:
		c.W.Error("ERR No shutdown in progress.")
		return
	}
	stop := command.Stop{Force: force}
	switch {
	case save:
		stop.Last = command.SaveAlways
	case noSave:
		stop.Last = command.SaveNever
	}
	stopping := false
	if c.Env.Stopper != nil {
		c.Blocks(func() { stopping = c.Env.Stopper.Stop(stop) == nil })
	}
	if !stopping {
		c.W.Error("ERR Errors trying to SHUTDOWN. Check logs.")
	}
}
