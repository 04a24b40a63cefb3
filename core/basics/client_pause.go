package basics

import (
	"math"
	"time"

	"github.com/redistill-go/redistill/core/command"
)

func cmdClientPause(c *command.Ctx) {
	what := uint32(command.PauseAll)
	switch {
	case len(c.Args) > 4:
		c.W.Error(c.SubcommandError())
		return
	case len(c.Args) == 4 && command.EqualFold(c.Args[3], "write"):
		what = command.PauseWrites
	case len(c.Args) == 4 && !command.EqualFold(c.Args[3], "all"):
		c.W.Error("ERR CLIENT PAUSE mode must be WRITE or ALL")
		return
	}
	ms, ok := c.Integer(2)
	switch {
	case !ok:
		c.W.Error("ERR timeout is not an integer or out of range")
		return
	case ms < 0:
		c.W.Error("ERR timeout is negative")
		return
	case ms > math.MaxInt64-c.Now:
		c.W.Error("ERR timeout is out of range")
		return
	}
	c.Env.Pauses.Start(what, time.Duration(min(ms, int64(command.MostWait/time.Millisecond)))*time.Millisecond)
	c.W.OK()
}

func cmdClientUnpause(c *command.Ctx) {
	c.Env.Pauses.Stop()
	c.W.OK()
}
