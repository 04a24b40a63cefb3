package command

import (
	"bytes"
	"fmt"
	"slices"
	"time"
)

func cmdClientID(c *Ctx) { c.W.Int(c.Client.ID) }

func cmdClientGetName(c *Ctx) {
	if name := c.Client.Name(); name != "" {
		c.W.BulkString(name)
		return
	}
	c.W.Null()
}

func cmdClientSetName(c *Ctx) {
	if !validName(c.Args[2]) {
		c.W.Error(errClientName)
		return
	}
	c.Client.SetName(string(c.Args[2]))
	c.W.OK()
}

func cmdClientSetInfo(c *Ctx) {
	attr, value := c.Args[2], c.Args[3]
	set := c.Client.SetLibrary
	switch {
	case equalFold(attr, "lib-name"):
	case equalFold(attr, "lib-ver"):
		set = c.Client.SetLibraryVersion
	default:
		c.W.Error("ERR Unrecognized option '" + printable(attr, len(attr)) + "'")
		return
	}
	if !validName(value) {
		c.W.Error("ERR " + printable(attr, len(attr)) + " cannot contain spaces, newlines or special characters.")
		return
	}
	set(string(value))
	c.W.OK()
}

// validName says whether b can be a name in CLIENT LIST, which separates what
// it lists by spaces and lines.
func validName(b []byte) bool {
	return !bytes.ContainsFunc(b, func(r rune) bool { return r < '!' || r > '~' })
}

func cmdClientInfo(c *Ctx) {
	c.W.Verbatim("txt", string(c.Env.describe(nil, c.Client, time.UnixMilli(c.Now))))
}

func cmdClientList(c *Ctx) {
	wanted := func(*Client) bool { return true }
	switch {
	case len(c.Args) == 2:
	case len(c.Args) == 4 && equalFold(c.Args[2], "type"):
		ok := false
		if wanted, ok = clientType(c.Args[3]); !ok {
			c.W.Error("ERR Unknown client type '" + printable(c.Args[3], len(c.Args[3])) + "'")
			return
		}
	case len(c.Args) > 3 && equalFold(c.Args[2], "id"):
		var ids []int64
		for i := 3; i < len(c.Args); i++ {
			id, ok := c.integer(i)
			if !ok {
				c.W.Error("ERR Invalid client ID")
				return
			}
			ids = append(ids, id)
		}
		slices.Sort(ids)
		wanted = func(cl *Client) bool {
			_, found := slices.BinarySearch(ids, cl.ID)
			return found
		}
	default:
		c.W.Error(errSyntax)
		return
	}
	var list []byte
	now := time.UnixMilli(c.Now)
	c.Env.Clients.Each(func(cl *Client) {
		if wanted(cl) {
			list = c.Env.describe(list, cl, now)
		}
	})
	c.W.Verbatim("txt", string(list))
}

// clientType chooses clients by Redis's types. There are none here but normal
// ones.
func clientType(name []byte) (wanted func(*Client) bool, ok bool) {
	normal := equalFold(name, "normal")
	ok = normal || equalFold(name, "master") || equalFold(name, "slave") ||
		equalFold(name, "replica") || equalFold(name, "pubsub")
	return func(*Client) bool { return normal }, ok
}

// describe appends the line of CLIENT LIST about a client, which may be busy.
func (e *Env) describe(dst []byte, cl *Client, now time.Time) []byte {
	last := "NULL"
	if i := cl.Last.Load(); i >= 0 {
		last = e.Table.At(int(i)).FullName
	}
	library, version := cl.Library()
	return fmt.Appendf(dst, "id=%d addr=%s laddr=%s name=%s age=%d idle=%d flags=%s db=0 sub=0 psub=0 ssub=0 multi=-1"+
		" cmd=%s user=default redir=-1 resp=%d lib-name=%s lib-ver=%s\n",
		cl.ID, cl.Addr, cl.LocalAddr, cl.Name(), seconds(now.Sub(cl.Created)), seconds(now.Sub(time.UnixMilli(cl.Active.Load()))),
		clientFlags(cl), last, cl.Resp.Load(), library, version)
}

// clientFlags are N for a client without anything special, U for one on a
// unix socket.
func clientFlags(cl *Client) string {
	if cl.Transport == "transport.unix" {
		return "U"
	}
	return "N"
}

func seconds(d time.Duration) int64 { return max(int64(d/time.Second), 0) }
