package command

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
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

func (m *Monitors) add(c *Client) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clients = append(m.clients, c)
	m.n.Store(int32(len(m.clients)))
}

func (m *Monitors) remove(c *Client) {
	if !m.Any() {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clients = slices.DeleteFunc(m.clients, func(other *Client) bool { return other == c })
	m.n.Store(int32(len(m.clients)))
}

func (m *Monitors) push(b []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.clients {
		c.Push(b)
	}
}

// cmdMonitor has no reply for a client that is a monitor already, as in Redis.
func cmdMonitor(c *Ctx) {
	if c.held != nil {
		c.W.Error("ERR MONITOR isn't allowed for DENY BLOCKING client")
		return
	}
	if c.Client.mode&ModeMonitor != 0 {
		return
	}
	c.Client.setMode(ModeMonitor, 0)
	c.Env.Monitors.add(c.Client)
	c.W.OK()
}

// Show shows the command that has just been run to the monitors, unless it is
// an operator's.
func (c *Ctx) Show() {
	if c.Cmd.Flags&(SkipMonitor|Admin) != 0 {
		return
	}
	now := time.Now()
	line := make([]byte, 0, 128)
	line = append(line, '+')
	line = strconv.AppendInt(line, now.Unix(), 10)
	line = append(line, '.')
	us := strconv.Itoa(1_000_000 + now.Nanosecond()/1000)
	line = append(line, us[1:]...)
	line = append(line, " [0 "...)
	if c.Client.Transport == unixTransport {
		line = append(line, "unix:"...)
		line = append(line, strings.TrimSuffix(c.Client.Addr, ":0")...)
	} else {
		line = append(line, c.Client.Addr...)
	}
	line = append(line, ']')
	for i, a := range c.Args {
		line = append(line, ' ')
		if c.Cmd.Secret != nil && c.Cmd.Secret(c.Args, i) {
			line = append(line, `"(redacted)"`...)
			continue
		}
		line = appendQuoted(line, a)
	}
	c.Env.Monitors.push(append(line, '\r', '\n'))
}

// appendQuoted appends b as Redis shows bytes in quotes.
func appendQuoted(dst, b []byte) []byte {
	dst = append(dst, '"')
	for _, c := range b {
		switch {
		case c == '\\' || c == '"':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, `\n`...)
		case c == '\r':
			dst = append(dst, `\r`...)
		case c == '\t':
			dst = append(dst, `\t`...)
		case c == '\a':
			dst = append(dst, `\a`...)
		case c == '\b':
			dst = append(dst, `\b`...)
		case c < ' ' || c > '~':
			const hex = "0123456789abcdef"
			dst = append(dst, '\\', 'x', hex[c>>4], hex[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
