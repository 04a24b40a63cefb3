package basics

import "github.com/redistill-go/redistill/core/command"

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
	if c.Env.Stopper == nil || c.Env.Stopper.Stop(stop) != nil {
		c.W.Error("ERR Errors trying to SHUTDOWN. Check logs.")
	}
}
