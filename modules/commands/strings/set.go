package strings

import (
	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/store"
)

func setSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "getex", Handler: cmdGetEx, Arity: -2, Flags: command.Write | command.Fast,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access update",
			KeyNotes:   "RW and UPDATE because it changes the TTL",
			Categories: command.CatString, Group: "string", Since: "6.2.0",
			Summary:    "Return the value of a key and change its expiry",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), command.ExpiryArgs("PERSIST")),
		}, {
			Name: "psetex", Handler: cmdPSetEx, Arity: 4, Flags: command.Write | command.DenyOOM, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "OW update",
			Categories: command.CatString, Group: "string", Since: "2.6.0",
			Summary:    "Set the value of a key and its time to live in milliseconds",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.Integer("milliseconds"), arg.String("value")),
		}, {
			Name: "set", Handler: cmdSet, Arity: -3, Flags: command.Write | command.DenyOOM, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RW access update variable_flags", AccessOf: setAccess,
			KeyNotes:   "RW and ACCESS due to the optional `GET` argument",
			Categories: command.CatString, Group: "string", Since: "1.0.0",
			Summary:    "Set the value of a key, whatever it held before",
			Complexity: "O(1)",
			Args: arg.List(arg.Key("key"), arg.String("value"),
				arg.Optional(arg.OneOf("condition", append([]arg.Arg{arg.Token("NX"), arg.Token("XX")}, comparisonOptions()...)...)),
				arg.Optional(arg.Token("GET")), command.ExpiryArgs("KEEPTTL")),
		}, {
			Name: "setex", Handler: cmdSetEx, Arity: 4, Flags: command.Write | command.DenyOOM, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "OW update",
			Categories: command.CatString, Group: "string", Since: "2.0.0",
			Summary:    "Set the value of a key and its time to live in seconds",
			Complexity: "O(1)",
			Args:       arg.List(arg.Key("key"), arg.Integer("seconds"), arg.String("value")),
		}, {
			Name: "setnx", Handler: cmdSetNX, Arity: 3, Flags: command.Write | command.DenyOOM | command.Fast, Brief: true,
			FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "OW insert",
			Categories: command.CatString, Group: "string", Since: "1.0.0",
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
	expiry           command.ExpiryUnit
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
		case of != getexOptions && command.EqualFold(a, "nx") && !o.xx && o.when.kind == always:
			o.nx = true
		case of != getexOptions && command.EqualFold(a, "xx") && !o.nx && o.when.kind == always:
			o.xx = true
		case of == setAllOptions && command.EqualFold(a, "get"):
			o.get = true
		case of != getexOptions && command.EqualFold(a, "keepttl") && o.expiry == command.NoExpiry:
			o.keepTTL = true
		case of == getexOptions && command.EqualFold(a, "persist") && o.expiry == command.NoExpiry:
			o.persist = true
		case of == setAllOptions && more && !o.nx && !o.xx && o.when.kind == always && parseCondition(a) != always:
			i++
			o.when = condition{parseCondition(a), args[i]}
		default:
			unit := command.ParseExpiryUnit(a)
			if unit == command.NoExpiry || !more || o.keepTTL || o.persist || o.expiry != command.NoExpiry && o.expiry != unit {
				return false
			}
			i++
			o.expiry, o.expiryArg = unit, i
		}
	}
	return true
}

func cmdSet(c *command.Ctx) {
	if len(c.Args) == 3 {
		k := c.Key(1)
		sh := c.Lock(k)
		err := c.SetValue(sh, k, 2, 0)
		c.Unlock(sh)
		c.ReplyOK(err)
		return
	}
	var o setOptions
	if !o.parse(c.Args, 3, setAllOptions) {
		c.W.Error(command.TextSyntax)
		return
	}
	var at int64
	if o.expiry != command.NoExpiry {
		var ok bool
		if at, ok = c.ExpireAt(o.expiryArg, o.expiry); !ok {
			return
		}
	}
	setWith(c, &o, at)
}

// setWith is SET with options.
func setWith(c *command.Ctx, o *setOptions, at int64) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	before := c.W.Mark()
	var old store.Entry
	var found, ok bool
	switch {
	case o.get:
		if old, found, ok = replyOld(c, sh, k); !ok {
			return
		}
	case o.nx || o.xx || o.keepTTL || o.when.kind != always:
		old, found = sh.Peek(k, c.Now)
	}
	met := o.when.holdsForNone()
	if found && o.when.kind != always {
		if !o.get && c.WrongType(old, store.String) {
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

func cmdSetNX(c *command.Ctx) {
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

func cmdSetEx(c *command.Ctx)  { setExpiring(c, command.ExpirySeconds) }
func cmdPSetEx(c *command.Ctx) { setExpiring(c, command.ExpiryMillis) }

func setExpiring(c *command.Ctx, unit command.ExpiryUnit) {
	at, ok := c.ExpireAt(2, unit)
	if !ok {
		return
	}
	k := c.Key(1)
	sh := c.Lock(k)
	err := c.SetValue(sh, k, 3, at)
	c.Unlock(sh)
	c.ReplyOK(err)
}

func cmdGetEx(c *command.Ctx) {
	var o setOptions
	if !o.parse(c.Args, 2, getexOptions) {
		c.W.Error(command.TextSyntax)
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
	if c.WrongType(e, store.String) {
		return
	}
	var at int64
	if o.expiry != command.NoExpiry {
		var ok bool
		if at, ok = c.ExpireAt(o.expiryArg, o.expiry); !ok {
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
		err = c.SetExpiry(sh, k, e, at)
	}
	if err != nil {
		c.W.Rewind(before)
		c.Fail(err)
	}
}

// setAccess is AccessOf of SET, which returns the old value after GET.
func setAccess(request [][]byte) string {
	if command.Given(request[3:], "get") {
		return "RW access update"
	}
	return "OW update"
}
