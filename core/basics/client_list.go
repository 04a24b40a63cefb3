package basics

import (
	"fmt"
	"slices"
	"time"

	"github.com/redistill-go/redistill/core/command"
)

func cmdClientInfo(c *command.Ctx) {
	c.W.Verbatim("txt", string(describe(c, nil, c.Client)))
}

func cmdClientList(c *command.Ctx) {
	wanted := func(*command.Client) bool { return true }
	switch {
	case len(c.Args) == 2:
	case len(c.Args) == 4 && command.EqualFold(c.Args[2], "type"):
		ok := false
		if wanted, ok = clientType(c.Args[3]); !ok {
			c.W.Error(unknownType(c.Args[3]))
			return
		}
	case len(c.Args) > 3 && command.EqualFold(c.Args[2], "id"):
		var ids []int64
		for i := 3; i < len(c.Args); i++ {
			id, ok := c.Integer(i)
			if !ok {
				c.W.Error("ERR Invalid client ID")
				return
			}
			ids = append(ids, id)
		}
		wanted = func(cl *command.Client) bool { return slices.Contains(ids, cl.ID) }
	default:
		c.W.Error(command.TextSyntax)
		return
	}
	list := c.Aside()
	var line []byte
	c.Env.Clients.Each(func(cl *command.Client) {
		if wanted(cl) && !list.Overflow {
			line = describe(c, line[:0], cl)
			list.Text(line)
		}
	})
	c.W.JoinVerbatim("txt", list)
}

// clientType chooses clients by Redis's types. There are no masters and no
// replicas here. A monitor is a normal client.
func clientType(name []byte) (wanted func(*command.Client) bool, ok bool) {
	switch {
	case command.EqualFold(name, "normal"):
		return func(cl *command.Client) bool { return !cl.Subscribed() }, true
	case command.EqualFold(name, "pubsub"):
		return (*command.Client).Subscribed, true
	case command.EqualFold(name, "master") || command.EqualFold(name, "slave") || command.EqualFold(name, "replica"):
		return func(*command.Client) bool { return false }, true
	}
	return nil, false
}

func unknownType(name []byte) string {
	return "ERR Unknown client type '" + command.Printable(name, len(name)) + "'"
}

// describe appends the line of CLIENT LIST about a client, which may be busy.
// Redis's fields about replicas and threads are left out. Arguments are never
// copied out of the input, and pushes wait in one piece: argv-mem and oll,
// which redis-py 5 can't do without, follow from that.
func describe(c *command.Ctx, dst []byte, cl *command.Client) []byte {
	now := time.UnixMilli(c.Now)
	last := "NULL"
	if i := cl.Last.Load(); i >= 0 {
		last = c.Env.Table.At(int(i)).FullName
	}
	b := cl.Buffers(cl == c.Client)
	events := "r"
	if b.Replies+b.Pushes > 0 {
		events = "rw"
	}
	dst = fmt.Appendf(dst, "id=%d addr=%s laddr=%s", cl.ID, cl.Addr, cl.LocalAddr)
	if b.FD > 0 {
		dst = fmt.Appendf(dst, " fd=%d", b.FD)
	}
	library, version := cl.Library()
	return fmt.Appendf(dst, " name=%s age=%d idle=%d flags=%s db=0 sub=%d psub=0 ssub=0 multi=%d watch=%d"+
		" qbuf=%d qbuf-free=%d argv-mem=0 obl=%d oll=%d omem=%d tot-mem=%d events=%s"+
		" cmd=%s user=default redir=%d resp=%d lib-name=%s lib-ver=%s\n",
		cl.Name(), command.Seconds(now.Sub(cl.Created)), command.Seconds(now.Sub(time.UnixMilli(cl.Active.Load()))),
		clientFlags(c.Env, cl), cl.Subscriptions(), cl.Multi(), cl.Watching(),
		b.Input, b.InputFree, b.Replies, min(b.Pushes, 1), b.Pushes, max(b.Total, command.IdleClient), events,
		last, c.Env.Redirect(cl.ID), cl.Resp.Load(), library, version)
}

// clientFlags are Redis's letters for what a client is and does: N for one
// without anything special.
func clientFlags(e *command.Env, cl *command.Client) string {
	mode := cl.ShownMode()
	_, broken, _ := e.Tracking.Status(cl.ID)
	var flags []byte
	for _, f := range []struct {
		letter byte
		set    bool
	}{
		{'O', mode&command.ModeMonitor != 0},
		{'P', mode&command.ModeSubscribed != 0},
		{'x', cl.Multi() >= 0},
		{'b', cl.Blocked()},
		{'t', mode&command.ModeTracking != 0},
		{'R', broken},
		{'B', mode&command.ModeBroadcast != 0},
		{'U', cl.Unix},
		{'e', mode&command.ModeNoEvict != 0},
		{'T', mode&command.ModeNoTouch != 0},
	} {
		if f.set {
			flags = append(flags, f.letter)
		}
	}
	if len(flags) == 0 {
		return "N"
	}
	return string(flags)
}
