package command

import (
	"math"

	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/store"
)

// ExpiryUnit is how an expiry is given.
type ExpiryUnit uint8

// The ways of giving an expiry: none, from now on, and as a time since the Unix epoch.
const (
	NoExpiry ExpiryUnit = iota
	ExpirySeconds
	ExpiryMillis
	ExpiryUnixSeconds
	ExpiryUnixMillis
)

// ParseExpiryUnit reads EX, PX, EXAT or PXAT, in any case; NoExpiry: it is something
// else.
func ParseExpiryUnit(a []byte) ExpiryUnit {
	switch {
	case EqualFold(a, "ex"):
		return ExpirySeconds
	case EqualFold(a, "px"):
		return ExpiryMillis
	case EqualFold(a, "exat"):
		return ExpiryUnixSeconds
	case EqualFold(a, "pxat"):
		return ExpiryUnixMillis
	}
	return NoExpiry
}

// ExpiryArgs are the expiry options that SET and GETEX share.
func ExpiryArgs(last string) arg.Arg {
	return arg.Optional(arg.OneOf("expiration",
		arg.After("EX", arg.Integer("seconds")),
		arg.After("PX", arg.Integer("milliseconds")),
		arg.After("EXAT", arg.UnixTime("unix-time-seconds")),
		arg.After("PXAT", arg.UnixTime("unix-time-milliseconds")),
		arg.Token(last)))
}

// ExpireAt reads argument i as an expiry that must be positive and returns it
// in ms since the Unix epoch. On an error it replies and returns false.
func (c *Ctx) ExpireAt(i int, unit ExpiryUnit) (at int64, ok bool) {
	n, ok := c.Integer(i)
	if !ok {
		c.W.Error(TextNotInteger)
		return 0, false
	}
	if n > 0 {
		at, ok = Absolute(n, unit, c.Now)
	}
	if n <= 0 || !ok {
		c.W.Error(ExpireTimeError(c.Cmd))
		return 0, false
	}
	return at, true
}

// Absolute turns an expiry into ms since the Unix epoch; false: out of range.
func Absolute(n int64, unit ExpiryUnit, now int64) (int64, bool) {
	if unit == ExpirySeconds || unit == ExpiryUnixSeconds {
		if n > math.MaxInt64/1000 || n < math.MinInt64/1000 {
			return 0, false
		}
		n *= 1000
	}
	if unit == ExpirySeconds || unit == ExpiryMillis {
		if n > math.MaxInt64-now {
			return 0, false
		}
		n += now
	}
	return n, true
}

// SetExpiry makes the key expire at a time; one that has passed deletes it now.
func (c *Ctx) SetExpiry(sh *store.Shard, k store.Key, e store.Entry, at int64) error {
	if at <= c.Now {
		sh.Remove(e)
		return nil
	}
	return sh.SetExpiry(k, e, at)
}

// ExpireTimeError is the error for an expiry that is out of range.
func ExpireTimeError(c *Command) string {
	return "ERR invalid expire time in '" + c.FullName + "' command"
}

// ExpireConditions say when EXPIRE changes an expiry.
type ExpireConditions struct{ NX, XX, GT, LT bool }

// ParseExpireConditions reads the words NX, XX, GT and LT, and says what is wrong with
// them.
func ParseExpireConditions(args [][]byte) (when ExpireConditions, problem string) {
	for _, a := range args {
		switch {
		case EqualFold(a, "nx"):
			when.NX = true
		case EqualFold(a, "xx"):
			when.XX = true
		case EqualFold(a, "gt"):
			when.GT = true
		case EqualFold(a, "lt"):
			when.LT = true
		default:
			return when, "ERR Unsupported option " + Printable(a, len(a))
		}
	}
	switch {
	case when.NX && (when.XX || when.GT || when.LT):
		problem = "ERR NX and XX, GT or LT options at the same time are not compatible"
	case when.GT && when.LT:
		problem = "ERR GT and LT options at the same time are not compatible"
	}
	return when, problem
}

// Allow says whether the expiry may change from old to at; an old one of 0
// counts as infinitely late.
func (when ExpireConditions) Allow(old, at int64) bool {
	switch {
	case when.NX && old != 0,
		when.XX && old == 0,
		when.GT && (old == 0 || at <= old),
		when.LT && old != 0 && at >= old:
		return false
	}
	return true
}
