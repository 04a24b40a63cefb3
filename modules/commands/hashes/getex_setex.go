package hashes

import (
	"math"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/store"
)

func hashGetExSpecs() []command.Spec {
	return []command.Spec{
		hashRow(command.Spec{
			Name: "hgetdel", Handler: cmdHGetDel, Arity: -5, Flags: command.Write | command.Fast, Since: "8.0.0",
			Summary:    "Return the values of fields of a hash and delete the fields",
			Complexity: "O(N) with N being the number of fields",
			Args:       arg.List(arg.Key("key"), namedFields),
		}, "RW access delete"),
		hashRow(command.Spec{
			Name: "hgetex", Handler: cmdHGetEx, Arity: -5, Flags: command.Write | command.Fast, Since: "8.0.0",
			KeyNotes:   "RW and UPDATE because it changes the TTL",
			Summary:    "Return the values of fields of a hash and change their expiry",
			Complexity: "O(N) with N being the number of fields",
			Args:       arg.List(arg.Key("key"), command.ExpiryArgs("PERSIST"), namedFields),
		}, "RW access update"),
		hashRow(command.Spec{
			Name: "hsetex", Grows: command.GrowsLong, Handler: cmdHSetEx, Arity: -6, Flags: command.Write | command.DenyOOM | command.Fast, Since: "8.0.0",
			Summary:    "Set the values and the expiry of fields of a hash",
			Complexity: "O(N) with N being the number of fields",
			Args: arg.List(arg.Key("key"), arg.Choice("condition", "FNX", "FXX"), command.ExpiryArgs("KEEPTTL"),
				arg.After("FIELDS", arg.Block("fields", arg.Integer("numfields"), fieldValue))),
		}, "RW update"),
	}
}

func cmdHGetDel(c *command.Ctx) {
	eachNamed(c, readFields, func(f *store.Fields, field []byte) {
		if replyField(c, f, field) {
			f.Delete(field)
		}
	})
}

func cmdHGetEx(c *command.Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	f, ok := readFields(c, sh, k)
	if !ok {
		return
	}
	i, at := 2, int64(0)
	persist := command.EqualFold(c.Args[2], "persist")
	if unit := command.ParseExpiryUnit(c.Args[2]); unit != command.NoExpiry {
		var problem string
		if at, problem = fieldExpiry(c, 3, unit); problem != "" {
			c.W.Error(problem)
			return
		}
		i += 2
	} else if persist {
		i++
	}
	if i == len(c.Args)-1 && command.EqualFold(c.Args[i], "fields") {
		c.W.Error(command.ArityError(c.Cmd))
		return
	}
	names, problem := parseFieldNames(c, i, errFieldsCount)
	if problem != "" {
		c.W.Error(problem)
		return
	}
	before := c.W.Mark()
	c.W.Array(len(names))
	s := c.Steps(sh, k, names, 1)
	defer s.End()
	for part, more := s.Next(&f); more; part, more = s.Next(&f) {
		if i > 3 {
			f.Begin()
		}
		for _, field := range part {
			if !replyField(c, &f, field) || i == 2 {
				continue
			}
			var err error
			switch {
			case persist:
				f.Persist(field)
			case at <= c.Now:
				f.Delete(field)
			default:
				_, err = f.SetExpiry(field, at)
			}
			if err != nil {
				f.Undo()
				f.Done()
				c.W.Rewind(before)
				c.Fail(err)
				return
			}
		}
	}
	f.Done()
}

// hsetexOptions are the options of HSETEX.
type hsetexOptions struct {
	fnx, fxx, keepTTL bool
	expires           bool
	at                int64
	first             int // index of the first field
}

// parse reads the options and returns the error text if they are wrong.
func (o *hsetexOptions) parse(c *command.Ctx) (problem string) {
	for i := 2; i < len(c.Args); i++ {
		a, more := c.Args[i], i+1 < len(c.Args)
		unit := command.ParseExpiryUnit(a)
		switch {
		case command.EqualFold(a, "fields"):
			return o.parseFields(c, i)
		case unit != command.NoExpiry || command.EqualFold(a, "keepttl"):
			if o.expires || o.keepTTL {
				return "ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified"
			}
			if unit == command.NoExpiry {
				o.keepTTL = true
				continue
			}
			if !more {
				return "ERR missing expire time"
			}
			i++
			o.expires = true
			if o.at, problem = fieldExpiry(c, i, unit); problem != "" {
				return problem
			}
		case command.EqualFold(a, "fnx") || command.EqualFold(a, "fxx"):
			if o.fnx || o.fxx {
				return "ERR Only one of FXX or FNX arguments can be specified"
			}
			o.fnx = command.EqualFold(a, "fnx")
			o.fxx = !o.fnx
		default:
			return "ERR unknown argument: " + command.Printable(a, command.MaxEchoed)
		}
	}
	return errFieldsMissing
}

func (o *hsetexOptions) parseFields(c *command.Ctx, i int) (problem string) {
	if i+3 >= len(c.Args) {
		return command.ArityError(c.Cmd)
	}
	n, ok := c.Integer(i + 1)
	if !ok || n < 1 || n > math.MaxInt32 {
		return "ERR invalid number of fields"
	}
	o.first = i + 2
	if int64(len(c.Args)-o.first) != 2*n {
		return command.ArityError(c.Cmd)
	}
	return ""
}

func cmdHSetEx(c *command.Ctx) {
	var o hsetexOptions
	if problem := o.parse(c); problem != "" {
		c.W.Error(problem)
		return
	}
	laid := layOut(c)
	if laid != nil {
		defer c.Store.GiveBack(laid)
	}
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	f, ok := fields(c, sh, k)
	if !ok {
		return
	}
	f.Use(laid)
	s := c.Steps(sh, k, c.Args[o.first:], 2)
	defer s.End()
	if !o.allowed(&s, &f) {
		c.W.Int(0)
		return
	}
	if s.Again(); o.expires && o.at <= c.Now {
		// What is set would be gone at once.
		for part, more := s.Next(&f); more; part, more = s.Next(&f) {
			for i := 0; i < len(part); i += 2 {
				f.Delete(part[i])
			}
		}
		f.Done()
		c.W.Int(1)
		return
	}
	at := o.at
	if o.keepTTL {
		at = store.KeepExpiry
	}
	_, err := s.SetAll(&f, at)
	f.Done()
	if err != nil {
		c.Fail(err)
		return
	}
	c.W.Int(1)
}

// allowed says whether the fields are there, or not there, as the options ask.
func (o *hsetexOptions) allowed(s *command.FieldSteps, f *store.Fields) bool {
	if !o.fnx && !o.fxx {
		return true
	}
	for part, more := s.Next(f); more; part, more = s.Next(f) {
		for i := 0; i < len(part); i += 2 {
			if _, _, found := f.Get(part[i]); found != o.fxx {
				return false
			}
		}
	}
	return true
}
