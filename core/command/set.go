package command

import (
	"math"

	"github.com/redistill-go/redistill/core/store"
)

// setOptions are the options of SET, GETEX and MSETEX.
type setOptions struct {
	when             condition
	nx, xx, get      bool
	keepTTL, persist bool
	expiry           expiryUnit
	expiryArg        int // index of the argument
}

// expiryUnit is how an expiry is given.
type expiryUnit uint8

const (
	noExpiry expiryUnit = iota
	expirySeconds
	expiryMillis
	expiryUnixSeconds
	expiryUnixMillis
)

// optionsOf is a command that has some of the options.
type optionsOf uint8

const (
	setAllOptions optionsOf = iota
	getexOptions
	msetexOptions
)

// parse reads the options that the command has from argument i on. It fails on
// a syntax error.
func (o *setOptions) parse(args [][]byte, i int, of optionsOf) bool {
	for ; i < len(args); i++ {
		more := i+1 < len(args)
		switch a := args[i]; {
		case of != getexOptions && equalFold(a, "nx") && !o.xx && o.when.kind == always:
			o.nx = true
		case of != getexOptions && equalFold(a, "xx") && !o.nx && o.when.kind == always:
			o.xx = true
		case of == setAllOptions && equalFold(a, "get"):
			o.get = true
		case of != getexOptions && equalFold(a, "keepttl") && o.expiry == noExpiry:
			o.keepTTL = true
		case of == getexOptions && equalFold(a, "persist") && o.expiry == noExpiry:
			o.persist = true
		case of == setAllOptions && more && !o.nx && !o.xx && o.when.kind == always && parseCondition(a) != always:
			i++
			o.when = condition{parseCondition(a), args[i]}
		default:
			unit := expiryOption(a)
			if unit == noExpiry || !more || o.keepTTL || o.persist || o.expiry != noExpiry && o.expiry != unit {
				return false
			}
			i++
			o.expiry, o.expiryArg = unit, i
		}
	}
	return true
}

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

func cmdSet(c *Ctx) {
	if len(c.Args) == 3 {
		k := c.Key(1)
		sh := c.Lock(k)
		err := c.SetValue(sh, k, 2, 0)
		c.Unlock(sh)
		c.replyOK(err)
		return
	}
	var o setOptions
	if !o.parse(c.Args, 3, setAllOptions) {
		c.W.Error(errSyntax)
		return
	}
	var at int64
	if o.expiry != noExpiry {
		var ok bool
		if at, ok = c.expireAt(o.expiryArg, o.expiry); !ok {
			return
		}
	}
	c.setWith(&o, at)
}

func (c *Ctx) replyOK(err error) {
	if err != nil {
		c.Fail(err)
		return
	}
	c.W.OK()
}

// setWith is SET with options.
func (c *Ctx) setWith(o *setOptions, at int64) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	before := c.W.Mark()
	var old store.Entry
	var found, ok bool
	switch {
	case o.get:
		if old, found, ok = c.replyOld(sh, k); !ok {
			return
		}
	case o.nx || o.xx || o.keepTTL || o.when.kind != always:
		old, found = sh.Peek(k, c.Now)
	}
	met := o.when.holdsForNone()
	if found && o.when.kind != always {
		if !o.get && c.wrongType(old, store.String) {
			return
		}
		if !o.when.valid() {
			c.W.Rewind(before)
			c.W.Error(errDigest)
			return
		}
		met = o.when.holds(old.Value())
	}
	if o.nx && found || o.xx && !found || !met {
		if !o.get {
			c.W.Null()
		}
		return
	}
	if o.keepTTL && found {
		at = old.ExpireAt()
	}
	if err := c.SetValue(sh, k, 2, at); err != nil {
		c.W.Rewind(before)
		c.Fail(err)
		return
	}
	if !o.get {
		c.W.OK()
	}
}

func cmdSetNX(c *Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	if _, found := sh.Peek(k, c.Now); found {
		c.W.Int(0)
		return
	}
	if err := c.SetValue(sh, k, 2, 0); err != nil {
		c.Fail(err)
		return
	}
	c.W.Int(1)
}

func cmdSetEx(c *Ctx)  { c.setExpiring(expirySeconds) }
func cmdPSetEx(c *Ctx) { c.setExpiring(expiryMillis) }

func (c *Ctx) setExpiring(unit expiryUnit) {
	at, ok := c.expireAt(2, unit)
	if !ok {
		return
	}
	k := c.Key(1)
	sh := c.Lock(k)
	err := c.SetValue(sh, k, 3, at)
	c.Unlock(sh)
	c.replyOK(err)
}

func cmdGetEx(c *Ctx) {
	var o setOptions
	if !o.parse(c.Args, 2, getexOptions) {
		c.W.Error(errSyntax)
		return
	}
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	e, found := sh.Get(k, c.Now)
	if !found {
		c.Miss()
		c.W.Null()
		return
	}
	c.Hit()
	if c.wrongType(e, store.String) {
		return
	}
	var at int64
	if o.expiry != noExpiry {
		var ok bool
		if at, ok = c.expireAt(o.expiryArg, o.expiry); !ok {
			return
		}
	}
	before := c.W.Mark()
	c.ReplyValue(sh, e)
	var err error
	switch {
	case o.persist:
		err = sh.SetExpiry(k, e, 0)
	case at != 0:
		err = c.setExpiry(sh, k, e, at)
	}
	if err != nil {
		c.W.Rewind(before)
		c.Fail(err)
	}
}
