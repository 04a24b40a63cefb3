package command

// cmdShutdown asks the process to stop and doesn't reply, except with an error:
// the connection ends when the clients have been drained. NOW, which is about
// waiting for replicas, changes nothing.
func cmdShutdown(c *Ctx) {
	var save, noSave, abort, now, force bool
	for _, a := range c.Args[1:] {
		switch {
		case equalFold(a, "nosave"):
			noSave = true
		case equalFold(a, "save"):
			save = true
		case equalFold(a, "now"):
			now = true
		case equalFold(a, "force"):
			force = true
		case equalFold(a, "abort"):
			abort = true
		default:
			c.W.Error(errSyntax)
			return
		}
	}
	switch {
	case save && noSave || abort && (save || noSave || now || force):
		c.W.Error(errSyntax)
		return
	case abort && c.Env.Stopper != nil && c.Env.Stopper.Abort():
		c.W.OK()
		return
	case abort:
		c.W.Error("ERR No shutdown in progress.")
		return
	}
	stop := Stop{Force: force}
	switch {
	case save:
		stop.Last = SaveAlways
	case noSave:
		stop.Last = SaveNever
	}
	if c.Env.Stopper == nil || c.Env.Stopper.Stop(stop) != nil {
		c.W.Error("ERR Errors trying to SHUTDOWN. Check logs.")
	}
}
