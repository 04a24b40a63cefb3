package basics

import (
	"time"

	"github.com/redistill-go/redistill/core/command"
)

// killFilter is which clients CLIENT KILL means.
type killFilter struct {
	id          int64 // 0: any
	addr, laddr []byte
	kind        func(*command.Client) bool
	maxAge      int64 // seconds; 0: any
	skipMe      bool
}

// parse reads the arguments and says what is wrong with them.
func (f *killFilter) parse(c *command.Ctx) (problem string) {
	f.skipMe = true
	if len(c.Args) == 3 {
		f.addr, f.skipMe = c.Args[2], false
		return ""
	}
	for i := 2; i < len(c.Args); i += 2 {
		if i+1 == len(c.Args) {
			return command.TextSyntax
		}
		value := c.Args[i+1]
		ok := false
		switch name := c.Args[i]; {
		case command.EqualFold(name, "id"):
			if f.id, ok = c.Integer(i + 1); !ok || f.id < 1 {
				return "ERR client-id should be greater than 0"
			}
		case command.EqualFold(name, "type"):
			if f.kind, ok = clientType(value); !ok {
				return unknownType(value)
			}
		case command.EqualFold(name, "addr"):
			f.addr = value
		case command.EqualFold(name, "laddr"):
			f.laddr = value
		case command.EqualFold(name, "user"):
			if string(value) != "default" {
				return "ERR No such user '" + command.Printable(value, len(value)) + "'"
			}
		case command.EqualFold(name, "maxage"):
			if f.maxAge, ok = c.Integer(i + 1); !ok {
				return "ERR maxage is not an integer or out of range"
			}
			if f.maxAge < 1 {
				return "ERR maxage should be greater than 0"
			}
		case command.EqualFold(name, "skipme") && command.EqualFold(value, "yes"):
			f.skipMe = true
		case command.EqualFold(name, "skipme") && command.EqualFold(value, "no"):
			f.skipMe = false
		default:
			return command.TextSyntax
		}
	}
	return ""
}

func (f *killFilter) means(c *command.Ctx, cl *command.Client) bool {
	switch {
	case f.id != 0 && f.id != cl.ID,
		f.addr != nil && string(f.addr) != cl.Addr,
		f.laddr != nil && string(f.laddr) != cl.LocalAddr,
		f.kind != nil && !f.kind(cl),
		f.maxAge != 0 && command.Seconds(time.UnixMilli(c.Now).Sub(cl.Created)) < f.maxAge,
		f.skipMe && cl == c.Client:
		return false
	}
	return true
}

func cmdClientKill(c *command.Ctx) {
	var f killFilter
	if problem := f.parse(c); problem != "" {
		c.W.Error(problem)
		return
	}
	killed := int64(0)
	c.Env.Clients.Each(func(cl *command.Client) {
		if !f.means(c, cl) {
			return
		}
		killed++
		if cl == c.Client {
			cl.Closing = true // once it has been told
		} else {
			cl.Kill()
		}
	})
	switch {
	case len(c.Args) > 3:
		c.W.Int(killed)
	case killed == 0:
		c.W.Error("ERR No such client")
	default:
		c.W.OK()
	}
}
