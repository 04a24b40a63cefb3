package command

import (
	"github.com/redistill-go/redistill/core/store"
)

func cmdExpire(c *Ctx)    { c.expire(expirySeconds) }
func cmdPExpire(c *Ctx)   { c.expire(expiryMillis) }
func cmdExpireAt(c *Ctx)  { c.expire(expiryUnixSeconds) }
func cmdPExpireAt(c *Ctx) { c.expire(expiryUnixMillis) }

// expire is EXPIRE and its kin, which differ in how the time is given.
func (c *Ctx) expire(unit expiryUnit) {
	when, problem := parseExpireConditions(c.Args[3:])
	if problem != "" {
		c.W.Error(problem)
		return
	}
	n, ok := c.integer(2)
	if !ok {
		c.W.Error(errNotInteger)
		return
	}
	at, ok := absolute(n, unit, c.Now)
	if !ok {
		c.W.Error(expireTimeError(c.Cmd))
		return
	}
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	e, found := sh.Get(k, c.Now)
	if !found || !when.allow(e.ExpireAt(), at) {
		c.W.Int(0)
		return
	}
	if err := c.setExpiry(sh, k, e, at); err != nil {
		c.Fail(err)
		return
	}
	c.W.Int(1)
}

// setExpiry makes the key expire at a time; one that has passed deletes it now.
func (c *Ctx) setExpiry(sh *store.Shard, k store.Key, e store.Entry, at int64) error {
	if at <= c.Now {
		sh.Remove(e)
		return nil
	}
	return sh.SetExpiry(k, e, at)
}

// expireConditions say when EXPIRE changes an expiry.
type expireConditions struct{ nx, xx, gt, lt bool }

func parseExpireConditions(args [][]byte) (when expireConditions, problem string) {
	for _, a := range args {
		switch {
		case equalFold(a, "nx"):
			when.nx = true
		case equalFold(a, "xx"):
			when.xx = true
		case equalFold(a, "gt"):
			when.gt = true
		case equalFold(a, "lt"):
			when.lt = true
		default:
			return when, "ERR Unsupported option " + printable(a, len(a))
		}
	}
	switch {
	case when.nx && (when.xx || when.gt || when.lt):
		problem = "ERR NX and XX, GT or LT options at the same time are not compatible"
	case when.gt && when.lt:
		problem = "ERR GT and LT options at the same time are not compatible"
	}
	return when, problem
}

// allow says whether the expiry may change from old to at; an old one of 0
// counts as infinitely late.
func (when expireConditions) allow(old, at int64) bool {
	switch {
	case when.nx && old != 0,
		when.xx && old == 0,
		when.gt && (old == 0 || at <= old),
		when.lt && old != 0 && at >= old:
		return false
	}
	return true
}

func cmdPersist(c *Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	e, found := sh.Get(k, c.Now)
	if !found || e.ExpireAt() == 0 {
		c.W.Int(0)
		return
	}
	if err := sh.SetExpiry(k, e, 0); err != nil {
		c.Fail(err)
		return
	}
	c.W.Int(1)
}

func cmdTTL(c *Ctx)  { c.replyExpiry(c.Now, true) }
func cmdPTTL(c *Ctx) { c.replyExpiry(c.Now, false) }

func cmdExpireTime(c *Ctx)  { c.replyExpiry(0, true) }
func cmdPExpireTime(c *Ctx) { c.replyExpiry(0, false) }

// replyExpiry writes the key's expiry less base: -2 if there is no such key,
// -1 if it does not expire.
func (c *Ctx) replyExpiry(base int64, seconds bool) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	e, found := c.peek(sh, k)
	if !found {
		c.W.Int(-2)
		return
	}
	at := e.ExpireAt()
	if at == 0 {
		c.W.Int(-1)
		return
	}
	left := max(at-base, 0)
	if seconds { // to the nearest second
		left = left/1000 + (left%1000)/500
	}
	c.W.Int(left)
}
