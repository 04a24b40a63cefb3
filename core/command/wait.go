package command

import (
	"math"
	"time"
)

// cmdWait waits for replicas that will never acknowledge anything: until its
// time is over.
func cmdWait(c *Ctx) {
	replicas, ok := c.integer(1)
	if !ok {
		c.W.Error(errNotInteger)
		return
	}
	timeout, ok := c.integer(2)
	switch {
	case !ok:
		c.W.Error("ERR timeout is not an integer or out of range")
	case timeout < 0:
		c.W.Error("ERR timeout is negative")
	case timeout > math.MaxInt64-c.Now:
		c.W.Error("ERR timeout is out of range")
	case replicas <= 0 || c.InExec():
		c.W.Int(0)
	default:
		c.block(time.Duration(min(timeout, int64(mostWait/time.Millisecond))) * time.Millisecond)
	}
}

func cmdClientUnblock(c *Ctx) {
	withError := len(c.Args) == 4 && equalFold(c.Args[3], "error")
	if len(c.Args) > 4 {
		c.W.Error(c.subcommandError())
		return
	}
	if len(c.Args) == 4 && !withError && !equalFold(c.Args[3], "timeout") {
		c.W.Error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR")
		return
	}
	id, ok := c.integer(2)
	if !ok {
		c.W.Error(errNotInteger)
		return
	}
	if cl := c.Env.Clients.Find(id); cl != nil && cl.Unblock(withError) {
		c.W.Int(1)
		return
	}
	c.W.Int(0)
}
