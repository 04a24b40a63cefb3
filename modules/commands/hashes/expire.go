package hashes

import (
	"math"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/store"
)

func hashExpireSpecs() []command.Spec {
	condition := arg.Choice("condition", "NX", "XX", "GT", "LT")
	expire := func(name string, handler func(*command.Ctx), when arg.Arg, summary string) command.Spec {
		return hashRow(command.Spec{
			Name: name, Handler: handler, Arity: -6, Flags: command.Write | command.Fast, Since: "7.4.0",
			Summary:    summary,
			Complexity: "O(N) with N being the number of fields",
			Args:       arg.List(arg.Key("key"), when, condition, namedFields),
		}, "RW update")
	}
	read := func(name string, handler func(*command.Ctx), summary string, tips ...string) command.Spec {
		return hashRow(command.Spec{
			Name: name, Handler: handler, Arity: -5, Flags: command.ReadOnly | command.Fast, Since: "7.4.0",
			Summary:    summary,
			Complexity: "O(N) with N being the number of fields",
			Tips:       tips,
			Args:       arg.List(arg.Key("key"), namedFields),
		}, "RO access")
	}
	return []command.Spec{
		expire("hexpire", cmdHExpire, arg.Integer("seconds"), "Set the time to live of fields of a hash in seconds"),
		expire("hexpireat", cmdHExpireAt, arg.UnixTime("unix-time-seconds"), "Set the expiry of fields of a hash as a Unix time in seconds"),
		expire("hpexpire", cmdHPExpire, arg.Integer("milliseconds"), "Set the time to live of fields of a hash in milliseconds"),
		expire("hpexpireat", cmdHPExpireAt, arg.UnixTime("unix-time-milliseconds"), "Set the expiry of fields of a hash as a Unix time in milliseconds"),
		read("hexpiretime", cmdHExpireTime, "Return the expiry of fields of a hash as a Unix time in seconds"),
		read("hpexpiretime", cmdHPExpireTime, "Return the expiry of fields of a hash as a Unix time in milliseconds"),
		read("hpttl", cmdHPTTL, "Return the remaining time to live of fields of a hash in milliseconds", "nondeterministic_output"),
		read("httl", cmdHTTL, "Return the remaining time to live of fields of a hash in seconds", "nondeterministic_output"),
		hashRow(command.Spec{
			Name: "hpersist", Handler: cmdHPersist, Arity: -5, Flags: command.Write | command.Fast, Since: "7.4.0",
			Summary:    "Remove the expiry of fields of a hash",
			Complexity: "O(N) with N being the number of fields",
			Args:       arg.List(arg.Key("key"), namedFields),
		}, "RW update"),
	}
}

// maxFieldExpiry is the latest expiry of a field that Redis takes, in ms since
// the Unix epoch.
const maxFieldExpiry = 1<<46 - 1

// What the commands about expiries of fields reply for each field.
const (
	noSuchField    = -2
	noFieldExpiry  = -1
	conditionFails = 0
	expirySet      = 1
	fieldDeleted   = 2
)

const (
	errFieldsMissing = "ERR Mandatory argument FIELDS is missing or not at the right position"
	errFieldsCount   = "ERR Number of fields must be a positive integer"
	errFieldsNumber  = "ERR Parameter `numFields` should be greater than 0"
	errFieldsDiffer  = "ERR The `numfields` parameter must match the number of arguments"
)

func cmdHExpire(c *command.Ctx)    { expireFields(c, command.ExpirySeconds) }
func cmdHPExpire(c *command.Ctx)   { expireFields(c, command.ExpiryMillis) }
func cmdHExpireAt(c *command.Ctx)  { expireFields(c, command.ExpiryUnixSeconds) }
func cmdHPExpireAt(c *command.Ctx) { expireFields(c, command.ExpiryUnixMillis) }

// expireFields is HEXPIRE and its kin, which differ in how the time is given.
func expireFields(c *command.Ctx, unit command.ExpiryUnit) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	f, ok := fields(c, sh, k)
	if !ok {
		return
	}
	at, problem := fieldExpiry(c, 2, unit)
	if problem != "" {
		c.W.Error(problem)
		return
	}
	when, i := fieldCondition(c.Args[3]), 3
	if when != (command.ExpireConditions{}) {
		i++
	}
	names, problem := parseFieldNames(c, i, errFieldsNumber)
	if problem != "" {
		c.W.Error(problem)
		return
	}
	before := c.W.Mark()
	c.W.Array(len(names))
	s := c.Steps(sh, k, names, 1)
	defer s.End()
	for part, more := s.Next(&f); more; part, more = s.Next(&f) {
		f.Begin()
		for _, field := range part {
			n, err := expireField(c, &f, field, when, at)
			if err != nil {
				f.Undo()
				f.Done()
				c.W.Rewind(before)
				c.Fail(err)
				return
			}
			c.W.Int(n)
		}
	}
	f.Done()
}

func fieldCondition(a []byte) (when command.ExpireConditions) {
	switch {
	case command.EqualFold(a, "nx"):
		when.NX = true
	case command.EqualFold(a, "xx"):
		when.XX = true
	case command.EqualFold(a, "gt"):
		when.GT = true
	case command.EqualFold(a, "lt"):
		when.LT = true
	}
	return when
}

// expireField gives one field an expiry; one that has passed deletes it.
func expireField(c *command.Ctx, f *store.Fields, field []byte, when command.ExpireConditions, at int64) (int64, error) {
	_, old, ok := f.Get(field)
	switch {
	case !ok:
		return noSuchField, nil
	case !when.Allow(old, at):
		return conditionFails, nil
	case at <= c.Now:
		f.Delete(field)
		return fieldDeleted, nil
	}
	_, err := f.SetExpiry(field, at)
	return expirySet, err
}

// fieldExpiry reads argument i as the expiry of fields, in ms since the Unix
// epoch, or says what is wrong with it.
func fieldExpiry(c *command.Ctx, i int, unit command.ExpiryUnit) (at int64, problem string) {
	n, ok := c.Integer(i)
	if !ok {
		return 0, command.TextNotInteger
	}
	if n < 0 {
		return 0, "ERR invalid expire time, must be >= 0"
	}
	if at, ok = command.Absolute(n, unit, c.Now); !ok || at > maxFieldExpiry {
		return 0, command.ExpireTimeError(c.Cmd)
	}
	return at, ""
}

// fieldNames reads FIELDS, the number of fields and the fields from argument i
// to the end. notPositive is the error for a number below 1.
func parseFieldNames(c *command.Ctx, i int, notPositive string) (names [][]byte, problem string) {
	if i+1 >= len(c.Args) || !command.EqualFold(c.Args[i], "fields") {
		return nil, errFieldsMissing
	}
	n, ok := c.Integer(i + 1)
	if !ok || n < 1 {
		return nil, notPositive
	}
	names = c.Args[i+2:]
	if n > math.MaxInt32 || int(n) != len(names) {
		return nil, errFieldsDiffer
	}
	return names, ""
}

func cmdHTTL(c *command.Ctx)  { replyFieldExpiries(c, c.Now, true) }
func cmdHPTTL(c *command.Ctx) { replyFieldExpiries(c, c.Now, false) }

func cmdHExpireTime(c *command.Ctx)  { replyFieldExpiries(c, 0, true) }
func cmdHPExpireTime(c *command.Ctx) { replyFieldExpiries(c, 0, false) }

// replyFieldExpiries writes the expiries of fields less base; seconds are
// rounded up.
func replyFieldExpiries(c *command.Ctx, base int64, seconds bool) {
	eachNumber(c, readFields, func(f *store.Fields, field []byte) int64 {
		_, at, ok := f.Get(field)
		switch {
		case !ok:
			return noSuchField
		case at == 0:
			return noFieldExpiry
		case seconds:
			return (at - base + 999) / 1000
		}
		return at - base
	})
}

func cmdHPersist(c *command.Ctx) {
	eachNumber(c, fields, func(f *store.Fields, field []byte) int64 {
		_, at, ok := f.Get(field)
		switch {
		case !ok:
			return noSuchField
		case at == 0:
			return noFieldExpiry
		}
		f.Persist(field)
		return expirySet
	})
}

// eachNumber replies with a number for each field that the request names.
func eachNumber(c *command.Ctx, open openFields, number func(*store.Fields, []byte) int64) {
	eachNamed(c, open, func(f *store.Fields, field []byte) { c.W.Int(number(f, field)) })
}

// openFields is readFields or fields.
type openFields func(*command.Ctx, *store.Shard, store.Key) (store.Fields, bool)

// eachNamed replies with an array of what reply writes for each field that the request
// names, once.
func eachNamed(c *command.Ctx, open openFields, reply func(f *store.Fields, field []byte)) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	f, ok := open(c, sh, k)
	if !ok {
		return
	}
	names, problem := parseFieldNames(c, 2, errFieldsCount)
	if problem != "" {
		c.W.Error(problem)
		return
	}
	c.W.Array(len(names))
	s := c.Steps(sh, k, names, 1)
	defer s.End()
	for part, more := s.Next(&f); more; part, more = s.Next(&f) {
		for _, field := range part {
			reply(&f, field)
		}
	}
	f.Done()
}
