package command

import (
	"math"
	"time"
)

func cmdClientPause(c *Ctx) {
	what := uint32(pauseAll)
	switch {
	case len(c.Args) > 4:
		c.W.Error(c.subcommandError())
		return
	case len(c.Args) == 4 && equalFold(c.Args[3], "write"):
		what = pauseWrites
	case len(c.Args) == 4 && !equalFold(c.Args[3], "all"):
		c.W.Error("ERR CLIENT PAUSE mode must be WRITE or ALL")
		return
	}
	ms, ok := c.integer(2)
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
	c.Env.Pauses.start(what, time.Duration(min(ms, int64(mostWait/time.Millisecond)))*time.Millisecond)
	c.W.OK()
}

func cmdClientUnpause(c *Ctx) {
	c.Env.Pauses.stop()
	c.W.OK()
}
