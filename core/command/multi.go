package command

func cmdMGet(c *Ctx) {
	keys := c.LockKeys(1, 1)
	defer c.UnlockKeys()
	c.W.Array(len(keys))
	for _, k := range keys {
		c.replyOld(c.Store.Locked(k), k)
	}
}

func cmdMSet(c *Ctx) {
	if len(c.Args)%2 == 0 {
		c.W.Error(ArityError(c.Cmd))
		return
	}
	c.LockKeys(1, 2)
	defer c.UnlockKeys()
	c.replyOK(c.setAll())
}

// setAll makes every key of MSET hold its value.
func (c *Ctx) setAll() error {
	for i, k := range c.keys {
		if err := c.SetValue(c.Store.Locked(k), k, 2+2*i, 0); err != nil {
			return err
		}
	}
	return nil
}

func cmdMSetNX(c *Ctx) {
	if len(c.Args)%2 == 0 {
		c.W.Error(ArityError(c.Cmd))
		return
	}
	keys := c.LockKeys(1, 2)
	defer c.UnlockKeys()
	for _, k := range keys {
		if _, found := c.Store.Locked(k).Peek(k, c.Now); found {
			c.W.Int(0)
			return
		}
	}
	if err := c.setAll(); err != nil {
		c.Fail(err)
		return
	}
	c.W.Int(1)
}
