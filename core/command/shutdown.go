package command

// LastSnapshot says whether a stop saves a snapshot.
type LastSnapshot uint8

// What SHUTDOWN asks for.
const (
	SaveAsConfigured LastSnapshot = iota
	SaveNever
	SaveAlways // an error if there is nothing to save with
)

// cmdShutdown asks the process to stop and doesn't reply, except with an error:
// the connection ends when the clients have been drained. NOW and FORCE, which
// are about waiting for replicas and about snapshots that fail, change nothing.
func cmdShutdown(c *Ctx) {
	var save, noSave, abort, other bool
	for _, a := range c.Args[1:] {
		switch {
		case equalFold(a, "nosave"):
			noSave = true
		case equalFold(a, "save"):
			save = true
		case equalFold(a, "now"), equalFold(a, "force"):
			other = true
		case equalFold(a, "abort"):
			abort = true
		default:
			c.W.Error(errSyntax)
			return
		}
	}
	if save && noSave || abort && (save || noSave || other) {
		c.W.Error(errSyntax)
		return
	}
	if abort {
		c.W.Error("ERR No shutdown in progress.")
		return
	}
	last := SaveAsConfigured
	switch {
	case save:
		last = SaveAlways
	case noSave:
		last = SaveNever
	}
	if c.Env.Shutdown == nil || !c.Env.Shutdown(last) {
		c.W.Error("ERR Errors trying to SHUTDOWN. Check logs.")
	}
}
