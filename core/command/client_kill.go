package command

import "time"

// killFilter is which clients CLIENT KILL means.
type killFilter struct {
	id          int64 // 0: any
	addr, laddr []byte
	kind        func(*Client) bool
	maxAge      int64 // seconds; 0: any
	skipMe      bool
}

// parse reads the arguments and says what is wrong with them.
func (f *killFilter) parse(c *Ctx) (problem string) {
	f.skipMe = true
	if len(c.Args) == 3 {
		f.addr, f.skipMe = c.Args[2], false
		return ""
	}
	for i := 2; i < len(c.Args); i += 2 {
		if i+1 == len(c.Args) {
			return errSyntax
		}
		value := c.Args[i+1]
		ok := false
		switch name := c.Args[i]; {
		case equalFold(name, "id"):
			if f.id, ok = c.integer(i + 1); !ok || f.id < 1 {
				return "ERR client-id should be greater than 0"
			}
		case equalFold(name, "type"):
			if f.kind, ok = clientType(value); !ok {
				return unknownType(value)
			}
		case equalFold(name, "addr"):
			f.addr = value
		case equalFold(name, "laddr"):
			f.laddr = value
		case equalFold(name, "user"):
			if string(value) != "default" {
				return "ERR No such user '" + printable(value, len(value)) + "'"
			}
		case equalFold(name, "maxage"):
			if f.maxAge, ok = c.integer(i + 1); !ok {
				return "ERR maxage is not an integer or out of range"
			}
			if f.maxAge < 1 {
				return "ERR maxage should be greater than 0"
			}
		case equalFold(name, "skipme") && equalFold(value, "yes"):
			f.skipMe = true
		case equalFold(name, "skipme") && equalFold(value, "no"):
			f.skipMe = false
		default:
			return errSyntax
		}
	}
	return ""
}

func (f *killFilter) means(c *Ctx, cl *Client) bool {
	switch {
	case f.id != 0 && f.id != cl.ID,
		f.addr != nil && string(f.addr) != cl.Addr,
		f.laddr != nil && string(f.laddr) != cl.LocalAddr,
		f.kind != nil && !f.kind(cl),
		f.maxAge != 0 && seconds(time.UnixMilli(c.Now).Sub(cl.Created)) < f.maxAge,
		f.skipMe && cl == c.Client:
		return false
	}
	return true
}

func cmdClientKill(c *Ctx) {
	var f killFilter
	if problem := f.parse(c); problem != "" {
		c.W.Error(problem)
		return
	}
	killed := int64(0)
	c.Env.Clients.Each(func(cl *Client) {
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
