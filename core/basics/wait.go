package basics

import (
	"math"
	"time"

	"github.com/redistill-go/redistill/core/command"
)

// cmdWait waits for replicas that will never acknowledge anything: until its
// time is over.
func cmdWait(c *command.Ctx) {
	replicas, ok := c.Integer(1)
	if !ok {
		c.W.Error(command.TextNotInteger)
		return
	}
	timeout, ok := c.Integer(2)
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
		c.Block(time.Duration(min(timeout, int64(command.MostWait/time.Millisecond))) * time.Millisecond)
	}
}

func cmdClientUnblock(c *command.Ctx) {
	withError := len(c.Args) == 4 && command.EqualFold(c.Args[3], "error")
	if len(c.Args) > 4 {
		c.W.Error(c.SubcommandError())
		return
	}
	if len(c.Args) == 4 && !withError && !command.EqualFold(c.Args[3], "timeout") {
		c.W.Error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR")
		return
	}
	id, ok := c.Integer(2)
	if !ok {
		c.W.Error(command.TextNotInteger)
		return
	}
	if cl := c.Env.Clients.Find(id); cl != nil && cl.Unblock(withError) {
		c.W.Int(1)
		return
	}
	c.W.Int(0)
}
