package command

import (
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/store"
)

func setSpecs() []Spec {
	return []Spec{
		{
			Name: "getex", Handler: cmdGetEx, Arity: -2, Flags: Write | Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access update",
			KeyNotes:   "RW and UPDATE because it changes the TTL",
			Categories: CatString, Group: "string", Since: "6.2.0",
			Summary:    "Return the value of a key and change its expiry",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), expiryOptions("PERSIST")),
		}, {
			Name: "psetex", Handler: cmdPSetEx, Arity: 4, Flags: Write | DenyOOM, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "OW update",
			Categories: CatString, Group: "string", Since: "2.6.0",
			Summary:    "Set the value of a key and its time to live in milliseconds",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.Integer("milliseconds"), arg.String("value")),
		}, {
			Name: "set", Handler: cmdSet, Arity: -3, Flags: Write | DenyOOM, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access update variable_flags", AccessOf: setAccess,
			KeyNotes:   "RW and ACCESS due to the optional `GET` argument",
			Categories: CatString, Group: "string", Since: "1.0.0",
			Summary:    "Set the value of a key, whatever it held before",
			Complexity: "O(1)",
			Args: arg.List(arg.Key("key"), arg.String("value"),
				arg.Optional(arg.OneOf("condition", append([]arg.Arg{arg.Token("NX"), arg.Token("XX")}, comparisonOptions()...)...)),
				arg.Optional(arg.Token("GET")), expiryOptions("KEEPTTL")),
		}, {
			Name: "setex", Handler: cmdSetEx, Arity: 4, Flags: Write | DenyOOM, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "OW update",
			Categories: CatString, Group: "string", Since: "2.0.0",
			Summary:    "Set the value of a key and its time to live in seconds",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.Integer("seconds"), arg.String("value")),
		}, {
			Name: "setnx", Handler: cmdSetNX, Arity: 3, Flags: Write | DenyOOM | Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "OW insert",
			Categories: CatString, Group: "string", Since: "1.0.0",
			Summary:    "Set the value of a key, only if it doesn't exist",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.String("value")),
		},
	}
}

// setOptions are the options of SET, GETEX and MSETEX.
type setOptions struct {
	when             condition
	nx, xx, get      bool
	keepTTL, persist bool
	expiry           expiryUnit
	expiryArg        int // index of the argument
}

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

// setAccess is AccessOf of SET, which returns the old value after GET.
func setAccess(request [][]byte) string {
	if given(request[3:], "get") {
		return "RW access update"
	}
	return "OW update"
}
