package command

import "github.com/redistill-go/redistill/core/store"

// Step is Rest for a command whose reply is all that it is about: it says whether the
// client has gone, and what is left to do is for nobody.
func (c *Ctx) Step() (gone bool) {
	c.Rest()
	return c.Gone()
}

// Rest lets others go first if the command has worked for long. It calls that between
// its steps, where no shard is locked; within EXEC, where all are, nobody goes first.
func (c *Ctx) Rest() {
	switch {
	case c.Turn == nil || c.held != nil:
	case c.work != nil:
		c.Turn.StepOn() // somebody who has a place may wait for the work to end
	default:
		c.Turn.Step()
	}
}

// Blocks calls wait, which waits for somebody else and works little: meanwhile others
// may work for long. No shard is locked but within EXEC.
func (c *Ctx) Blocks(wait func()) {
	if c.Turn == nil {
		wait()
		return
	}
	c.Turn.Pause()
	wait()
	if c.work == nil { // others wait for that, who may have all places
		c.Turn.Begin()
	}
}

// await waits for somebody else's work on a key.
func (c *Ctx) await(w *store.Work) { c.Blocks(w.Wait) }
