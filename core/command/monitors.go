package command

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redistill-go/redistill/core/buffer"
)

// Monitors are the clients that are shown every command. The zero value has
// none. Its methods may be called from any goroutine.
type Monitors struct {
	n       atomic.Int32
	mu      sync.Mutex
	clients []*Client
}

// Any says whether there are any.
func (m *Monitors) Any() bool { return m.n.Load() != 0 }

// Add shows the client every command from now on.
func (m *Monitors) Add(c *Client) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clients = append(m.clients, c)
	m.n.Store(int32(len(m.clients)))
}

// Remove ends Add.
func (m *Monitors) Remove(c *Client) {
	if !m.Any() {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clients = slices.DeleteFunc(m.clients, func(other *Client) bool { return other == c })
	m.n.Store(int32(len(m.clients)))
}

// show pushes a line to all. Lines are made one at a time, and outside the Go heap
// where pool is: they may be four times as long as the longest request.
func (m *Monitors) show(pool *buffer.Pool, length int, write func(dst []byte) []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	line := write(pool.Get(length))
	for _, c := range m.clients {
		c.Push(line)
	}
	pool.Put(line)
}

// Show shows the command that has just been run to the monitors, unless it is
// an operator's.
func (c *Ctx) Show() {
	if c.Cmd.Flags&(SkipMonitor|Admin) != 0 {
		return
	}
	c.Env.Monitors.show(c.W.Pool, c.shownLength(), c.appendShown)
}

// shownLength is how long the line that appendShown writes is at most.
func (c *Ctx) shownLength() int {
	const moment = len("+9223372036854775807.000000 [0 unix:]\r\n")
	n := moment + len(c.Client.Addr)
	for i := range c.Args {
		n += len(" ") + quotedLength(c.shownArg(i))
	}
	return n
}

func (c *Ctx) appendShown(line []byte) []byte {
	now := time.Now()
	line = append(line, '+')
	line = strconv.AppendInt(line, now.Unix(), 10)
	line = append(line, '.')
	us := strconv.Itoa(1_000_000 + now.Nanosecond()/1000)
	line = append(line, us[1:]...)
	line = append(line, " [0 "...)
	if c.Client.Unix {
		line = append(line, "unix:"...)
		line = append(line, strings.TrimSuffix(c.Client.Addr, ":0")...)
	} else {
		line = append(line, c.Client.Addr...)
	}
	line = append(line, ']')
	for i := range c.Args {
		line = appendQuoted(append(line, ' '), c.shownArg(i))
	}
	return append(line, '\r', '\n')
}

// shownArg is argument i, or what is shown instead.
func (c *Ctx) shownArg(i int) []byte {
	if c.Cmd.Secret != nil && c.Cmd.Secret(c.Args, i) {
		return redacted
	}
	return c.Args[i]
}

var redacted = []byte("(redacted)")

// quotedLength is how much appendQuoted appends.
func quotedLength(b []byte) int {
	n := len(`""`) + len(b)
	for _, c := range b {
		switch {
		case escape(c) != 0:
			n++
		case c < ' ' || c > '~':
			n += len(`\x00`) - 1
		}
	}
	return n
}

// appendQuoted appends b as Redis shows bytes in quotes.
func appendQuoted(dst, b []byte) []byte {
	dst = append(dst, '"')
	for _, c := range b {
		switch e := escape(c); {
		case e != 0:
			dst = append(dst, '\\', e)
		case c < ' ' || c > '~':
			const hex = "0123456789abcdef"
			dst = append(dst, '\\', 'x', hex[c>>4], hex[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}

// escape is what stands for a byte behind a backslash; 0: there is no such letter.
func escape(c byte) byte {
	switch c {
	case '\\', '"':
		return c
	case '\n':
		return 'n'
	case '\r':
		return 'r'
	case '\t':
		return 't'
	case '\a':
		return 'a'
	case '\b':
		return 'b'
	}
	return 0
}

// Redacted are the arguments as the slow log may show them: without passwords.
// What is shown as it is isn't copied.
func Redacted(cmd *Command, args [][]byte) [][]byte {
	shown := args
	if cmd.Secret == nil {
		return shown
	}
	for i := range args {
		if !cmd.Secret(args, i) {
			continue
		}
		if &shown[0] == &args[0] {
			shown = slices.Clone(args)
		}
		shown[i] = redacted
	}
	return shown
}
