package command

import (
	"math"

	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/store"
)

func hashExSpecs() []Spec {
	return []Spec{
		hashRow(Spec{
			Name: "hgetdel", Handler: cmdHGetDel, Arity: -5, Flags: Write | Fast, Since: "8.0.0",
			Summary:    "Return the values of fields of a hash and delete the fields",
			Complexity: "O(N) with N being the number of fields",
			Args:       arg.List(arg.Key("key"), namedFields),
		}, "RW access delete"),
		hashRow(Spec{
			Name: "hgetex", Handler: cmdHGetEx, Arity: -5, Flags: Write | Fast, Since: "8.0.0",
			KeyNotes:   "RW and UPDATE because it changes the TTL",
			Summary:    "Return the values of fields of a hash and change their expiry",
			Complexity: "O(N) with N being the number of fields",
			Args:       arg.List(arg.Key("key"), expiryOptions("PERSIST"), namedFields),
		}, "RW access update"),
		hashRow(Spec{
			Name: "hsetex", Grows: growsLong, Handler: cmdHSetEx, Arity: -6, Flags: Write | DenyOOM | Fast, Since: "8.0.0",
			Summary:    "Set the values and the expiry of fields of a hash",
			Complexity: "O(N) with N being the number of fields",
			Args: arg.List(arg.Key("key"), arg.Choice("condition", "FNX", "FXX"), expiryOptions("KEEPTTL"),
				arg.After("FIELDS", arg.Block("fields", arg.Integer("numfields"), fieldValue))),
		}, "RW update"),
	}
}

func cmdHGetDel(c *Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	f, ok := c.readFields(sh, k)
	if !ok {
		return
	}
	names, problem := c.fieldNames(2, errFieldsCount)
	if problem != "" {
		c.W.Error(problem)
		return
	}
	c.W.Array(len(names))
	s := c.steps(sh, k, names, 1)
	defer s.end()
	for part, more := s.next(&f); more; part, more = s.next(&f) {
		for _, field := range part {
			if c.replyField(&f, field) {
				f.Delete(field)
			}
		}
	}
	f.Done()
}

func cmdHGetEx(c *Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	f, ok := c.readFields(sh, k)
	if !ok {
		return
	}
	i, at := 2, int64(0)
	persist := equalFold(c.Args[2], "persist")
	if unit := expiryOption(c.Args[2]); unit != noExpiry {
		var problem string
		if at, problem = c.fieldExpiry(3, unit); problem != "" {
			c.W.Error(problem)
			return
		}
		i += 2
	} else if persist {
		i++
	}
	if i == len(c.Args)-1 && equalFold(c.Args[i], "fields") {
		c.W.Error(ArityError(c.Cmd))
		return
	}
	names, problem := c.fieldNames(i, errFieldsCount)
	if problem != "" {
		c.W.Error(problem)
		return
	}
	before := c.W.Mark()
	c.W.Array(len(names))
	s := c.steps(sh, k, names, 1)
	defer s.end()
	for part, more := s.next(&f); more; part, more = s.next(&f) {
		if i > 3 {
			f.Begin()
		}
		for _, field := range part {
			if !c.replyField(&f, field) || i == 2 {
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
func (o *hsetexOptions) parse(c *Ctx) (problem string) {
	for i := 2; i < len(c.Args); i++ {
		a, more := c.Args[i], i+1 < len(c.Args)
		unit := expiryOption(a)
		switch {
		case equalFold(a, "fields"):
			return o.parseFields(c, i)
		case unit != noExpiry || equalFold(a, "keepttl"):
			if o.expires || o.keepTTL {
				return "ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified"
			}
			if unit == noExpiry {
				o.keepTTL = true
				continue
			}
			if !more {
				return "ERR missing expire time"
			}
			i++
			o.expires = true
			if o.at, problem = c.fieldExpiry(i, unit); problem != "" {
				return problem
			}
		case equalFold(a, "fnx") || equalFold(a, "fxx"):
			if o.fnx || o.fxx {
				return "ERR Only one of FXX or FNX arguments can be specified"
			}
			o.fnx = equalFold(a, "fnx")
			o.fxx = !o.fnx
		default:
			return "ERR unknown argument: " + printable(a, maxEchoedBytes)
		}
	}
	return errFieldsMissing
}

func (o *hsetexOptions) parseFields(c *Ctx, i int) (problem string) {
	if i+3 >= len(c.Args) {
		return ArityError(c.Cmd)
	}
	n, ok := c.integer(i + 1)
	if !ok || n < 1 || n > math.MaxInt32 {
		return "ERR invalid number of fields"
	}
	o.first = i + 2
	if int64(len(c.Args)-o.first) != 2*n {
		return ArityError(c.Cmd)
	}
	return ""
}

func cmdHSetEx(c *Ctx) {
	var o hsetexOptions
	if problem := o.parse(c); problem != "" {
		c.W.Error(problem)
		return
	}
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	f, ok := c.fields(sh, k)
	if !ok {
		return
	}
	s := c.steps(sh, k, c.Args[o.first:], 2)
	defer s.end()
	if !o.allowed(&s, &f) {
		c.W.Int(0)
		return
	}
	if s.again(); o.expires && o.at <= c.Now {
		// What is set would be gone at once.
		for part, more := s.next(&f); more; part, more = s.next(&f) {
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
	_, err := s.setAll(&f, at)
	f.Done()
	if err != nil {
		c.Fail(err)
		return
	}
	c.W.Int(1)
}

// allowed says whether the fields are there, or not there, as the options ask.
func (o *hsetexOptions) allowed(s *fieldSteps, f *store.Fields) bool {
	if !o.fnx && !o.fxx {
		return true
	}
	for part, more := s.next(f); more; part, more = s.next(f) {
		for i := 0; i < len(part); i += 2 {
			if _, _, found := f.Get(part[i]); found != o.fxx {
				return false
			}
		}
	}
	return true
}
