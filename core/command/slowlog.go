package command

import (
	"time"
)

// slowlogUsual is how many entries SLOWLOG GET returns unless told otherwise.
const slowlogUsual = 10

func cmdSlowlogGet(c *Ctx) {
	n := int64(slowlogUsual)
	switch {
	case len(c.Args) > 3:
		c.W.Error(c.subcommandError())
		return
	case len(c.Args) == 3:
		var ok bool
		if n, ok = c.integer(2); !ok || n < -1 {
			c.W.Error("ERR count should be greater than or equal to -1")
			return
		}
	}
	list := c.Env.Stats.Slowlog.Last(int(min(n, 1<<30)))
	c.W.Array(len(list))
	for _, e := range list {
		c.W.Array(6)
		c.W.Int(e.ID)
		c.W.Int(e.At.Unix())
		c.W.Int(e.Took.Microseconds())
		c.W.Array(len(e.Args))
		for _, a := range e.Args {
			c.W.BulkString(a)
		}
		c.W.BulkString(e.Addr)
		c.W.BulkString(e.Name)
	}
}

func cmdSlowlogLen(c *Ctx) { c.W.Int(int64(c.Env.Stats.Slowlog.Len())) }

func cmdSlowlogReset(c *Ctx) {
	c.Env.Stats.Slowlog.Reset()
	c.W.OK()
}

// millis is a duration in whole milliseconds, and a spike that was kept lasted
// at least one.
func millis(d time.Duration) int64 { return max(d.Milliseconds(), 1) }
