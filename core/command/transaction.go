package command

import "github.com/redistill-go/redistill/core/watch"

func cmdMulti(c *Ctx) {
	if c.Client.tx != nil {
		c.W.Error("ERR MULTI calls can not be nested")
		return
	}
	c.Client.tx = transactions.Get().(*Transaction)
	c.Client.queued.Store(1)
	c.W.OK()
}

func cmdDiscard(c *Ctx) {
	if c.Client.tx == nil {
		c.W.Error("ERR DISCARD without MULTI")
		return
	}
	c.endTransaction()
	c.W.OK()
}

func cmdExec(c *Ctx) {
	t := c.Client.tx
	switch {
	case t == nil:
		c.W.Error("ERR EXEC without MULTI")
		return
	case t.aborted:
		c.W.Error(errExecAbort)
	case !c.exec(t):
		c.W.NullArray()
	}
	c.endTransaction()
}

func cmdWatch(c *Ctx) {
	if c.Client.tx != nil {
		c.W.Error("ERR WATCH inside MULTI is not allowed")
		return
	}
	if c.Client.watcher == nil {
		c.Client.watcher = &watch.Watcher{}
	}
	w := c.Client.watcher
	for _, k := range c.LockKeys(1, 1) {
		w.Watch(c.Env.Watch, c.Store.Locked(k), k, c.Now)
	}
	c.UnlockKeys()
	c.Client.watching.Store(int32(w.Len()))
	c.W.OK()
}

func cmdUnwatch(c *Ctx) {
	c.Client.unwatch(c.Env)
	c.W.OK()
}
