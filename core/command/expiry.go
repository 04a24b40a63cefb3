package command

import (
	"math"

	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/store"
)

// expiryUnit is how an expiry is given.
type expiryUnit uint8

const (
	noExpiry expiryUnit = iota
	expirySeconds
	expiryMillis
	expiryUnixSeconds
	expiryUnixMillis
)

func expiryOption(a []byte) expiryUnit {
	switch {
	case equalFold(a, "ex"):
		return expirySeconds
	case equalFold(a, "px"):
		return expiryMillis
	case equalFold(a, "exat"):
		return expiryUnixSeconds
	case equalFold(a, "pxat"):
		return expiryUnixMillis
	}
	return noExpiry
}

// expiryOptions are the expiry options that SET and GETEX share.
func expiryOptions(last string) arg.Arg {
	return arg.Optional(arg.OneOf("expiration",
		arg.After("EX", arg.Integer("seconds")),
		arg.After("PX", arg.Integer("milliseconds")),
		arg.After("EXAT", arg.UnixTime("unix-time-seconds")),
		arg.After("PXAT", arg.UnixTime("unix-time-milliseconds")),
		arg.Token(last)))
}

// expireAt reads argument i as an expiry that must be positive and returns it
// in ms since the Unix epoch. On an error it replies and returns false.
func (c *Ctx) expireAt(i int, unit expiryUnit) (at int64, ok bool) {
	n, ok := c.integer(i)
	if !ok {
		c.W.Error(errNotInteger)
		return 0, false
	}
	if n > 0 {
		at, ok = absolute(n, unit, c.Now)
	}
	if n <= 0 || !ok {
		c.W.Error(expireTimeError(c.Cmd))
		return 0, false
	}
	return at, true
}

// absolute turns an expiry into ms since the Unix epoch; false: out of range.
func absolute(n int64, unit expiryUnit, now int64) (int64, bool) {
	if unit == expirySeconds || unit == expiryUnixSeconds {
		if n > math.MaxInt64/1000 || n < math.MinInt64/1000 {
			return 0, false
		}
		n *= 1000
	}
	if unit == expirySeconds || unit == expiryMillis {
		if n > math.MaxInt64-now {
			return 0, false
		}
		n += now
	}
	return n, true
}

// setExpiry makes the key expire at a time; one that has passed deletes it now.
func (c *Ctx) setExpiry(sh *store.Shard, k store.Key, e store.Entry, at int64) error {
	if at <= c.Now {
		sh.Remove(e)
		return nil
	}
	return sh.SetExpiry(k, e, at)
}

func expireTimeError(c *Command) string {
	return "ERR invalid expire time in '" + c.FullName + "' command"
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
