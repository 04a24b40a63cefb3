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
		shown[i] = []byte("(redacted)")
	}
	return shown
}
