package keys

import (
	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
)

func expireSpecs() []command.Spec {
	expireCondition := arg.Choice("condition", "NX", "XX", "GT", "LT")
	return []command.Spec{
		{
			Name: "expire", Handler: cmdExpire, Arity: -3, Flags: command.Write | command.Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW update",
			Categories: command.CatKeyspace, Group: "generic", Since: "1.0.0",
			Summary:    "Set the time to live of a key in seconds",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.Integer("seconds"), expireCondition),
		}, {
			Name: "expireat", Handler: cmdExpireAt, Arity: -3, Flags: command.Write | command.Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW update",
			Categories: command.CatKeyspace, Group: "generic", Since: "1.2.0",
			Summary:    "Set the expiry of a key as a Unix time in seconds",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.UnixTime("unix-time-seconds"), expireCondition),
		}, {
			Name: "expiretime", Handler: cmdExpireTime, Arity: 2, Flags: command.ReadOnly | command.Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: command.CatKeyspace, Group: "generic", Since: "7.0.0",
			Summary:    "Return the expiry of a key as a Unix time in seconds",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key")),
		}, {
			Name: "persist", Handler: cmdPersist, Arity: 2, Flags: command.Write | command.Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW update",
			Categories: command.CatKeyspace, Group: "generic", Since: "2.2.0",
			Summary:    "Remove the expiry of a key",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key")),
		}, {
			Name: "pexpire", Handler: cmdPExpire, Arity: -3, Flags: command.Write | command.Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW update",
			Categories: command.CatKeyspace, Group: "generic", Since: "2.6.0",
			Summary:    "Set the time to live of a key in milliseconds",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.Integer("milliseconds"), expireCondition),
		}, {
			Name: "pexpireat", Handler: cmdPExpireAt, Arity: -3, Flags: command.Write | command.Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW update",
			Categories: command.CatKeyspace, Group: "generic", Since: "2.6.0",
			Summary:    "Set the expiry of a key as a Unix time in milliseconds",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.UnixTime("unix-time-milliseconds"), expireCondition),
		}, {
			Name: "pexpiretime", Handler: cmdPExpireTime, Arity: 2, Flags: command.ReadOnly | command.Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: command.CatKeyspace, Group: "generic", Since: "7.0.0",
			Summary:    "Return the expiry of a key as a Unix time in milliseconds",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key")),
		}, {
			Name: "pttl", Handler: cmdPTTL, Arity: 2, Flags: command.ReadOnly | command.Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: command.CatKeyspace, Group: "generic", Since: "2.6.0",
			Summary:    "Return the remaining time to live of a key in milliseconds",
			Complexity: "O(1)",
			Tips:       []string{"nondeterministic_output"},
			Args:       arg.List(arg.Key("key")),
		}, {
			Name: "ttl", Handler: cmdTTL, Arity: 2, Flags: command.ReadOnly | command.Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO access",
			Categories: command.CatKeyspace, Group: "generic", Since: "1.0.0",
			Summary:    "Return the remaining time to live of a key in seconds",
			Complexity: "O(1)",
			Tips:       []string{"nondeterministic_output"},
			Args:       arg.List(arg.Key("key")),
		},
	}
}

func cmdExpire(c *command.Ctx)    { expire(c, command.ExpirySeconds) }
func cmdPExpire(c *command.Ctx)   { expire(c, command.ExpiryMillis) }
func cmdExpireAt(c *command.Ctx)  { expire(c, command.ExpiryUnixSeconds) }
func cmdPExpireAt(c *command.Ctx) { expire(c, command.ExpiryUnixMillis) }

// expire is EXPIRE and its kin, which differ in how the time is given.
func expire(c *command.Ctx, unit command.ExpiryUnit) {
	when, problem := command.ParseExpireConditions(c.Args[3:])
	if problem != "" {
		c.W.Error(problem)
		return
	}
	n, ok := c.Integer(2)
	if !ok {
		c.W.Error(command.TextNotInteger)
		return
	}
	at, ok := command.Absolute(n, unit, c.Now)
	if !ok {
		c.W.Error(command.ExpireTimeError(c.Cmd))
		return
	}
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	e, found := sh.Get(k, c.Now)
	if !found || !when.Allow(e.ExpireAt(), at) {
		c.W.Int(0)
		return
	}
	if err := c.SetExpiry(sh, k, e, at); err != nil {
		c.Fail(err)
		return
	}
	c.W.Int(1)
}

func cmdPersist(c *command.Ctx) {
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

func cmdTTL(c *command.Ctx)  { replyExpiry(c, c.Now, true) }
func cmdPTTL(c *command.Ctx) { replyExpiry(c, c.Now, false) }

func cmdExpireTime(c *command.Ctx)  { replyExpiry(c, 0, true) }
func cmdPExpireTime(c *command.Ctx) { replyExpiry(c, 0, false) }

// replyExpiry writes the key's expiry less base: -2 if there is no such key,
// -1 if it does not expire.
func replyExpiry(c *command.Ctx, base int64, seconds bool) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	e, found := c.Peek(sh, k)
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
