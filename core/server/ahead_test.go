package server

import (
	"crypto/tls"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/command"
)

// A client that says within TLS that it leaves, and keeps its socket, waits for
// nothing any more: neither in a command nor in a pause.
func TestLeavingWithinTLS(t *testing.T) {
	for name, says := range map[string]string{"blocked": "WAIT 1 0\r\n", "paused": "CLIENT PAUSE 1000000 ALL\r\nPING\r\n"} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, Options{})
			p := f.dial(f.listenTLS())
			p.send(says)
			f.until("it waits", func() bool { return f.waits() })
			if err := p.Conn.(*tls.Conn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			f.until("it is gone", func() bool { return f.stats.ConnectionsCurrent.Load() == 0 })
		})
	}
}

// waits says whether a client is read ahead.
func (f *fixture) waits() (yes bool) {
	f.clients.conns(func(c *conn) { yes = yes || c.account.of[kindAwake].Load() > streamCost+awakeCost+firstRead })
	return yes
}

// A client that does not complete its handshake is counted for what that takes.
func TestHalfHandshakeIsCounted(t *testing.T) {
	f := newFixture(t, Options{})
	l := f.listenTLS()
	f.above = nil
	p := f.dial(l)
	p.send("\x16\x03\x01")
	f.until("it is counted", func() bool { return f.Held().Connections == baseCost+streamCost+awakeCost })
	f.SetMemoryLimit(baseCost + streamCost + awakeCost - 1)
	f.until("it is gone", func() bool { return f.Held().Connections == 0 })
}

// What a client sends while it waits is executed afterwards, in its order, whether
// it was read ahead or was too much for that.
func TestReadAhead(t *testing.T) {
	f := newFixture(t, Options{})
	l := f.listenTLS()
	p, admin := f.dial(l), f.dial(l)
	large := strings.Repeat("x", 100_000)
	for range 3 {
		p.send("WAIT 1 0\r\nECHO a\r\n")
		f.until("it waits", func() bool { return f.blocked() })
		for _, size := range []int{1, 2000, firstRead, 3 * firstRead} {
			p.send("ECHO " + large[:size] + "\r\n")
		}
		p.send("WAIT 1 0\r\nECHO b\r\n")
		admin.do("CLIENT UNBLOCK 1", ":1\r\n")
		p.expect(":0\r\n$1\r\na\r\n$1\r\nx\r\n")
		p.until("\r\n$12288\r\n" + large[:3*firstRead] + "\r\n")
		f.until("it waits again", func() bool { return f.blocked() })
		p.send("*2\r\n$4\r\nECHO\r\n$100000\r\n" + large + "\r\n")
		admin.do("CLIENT UNBLOCK 1", ":1\r\n")
		p.expect(":0\r\n$1\r\nb\r\n$100000\r\n" + large + "\r\n")
	}
}

// blocked says whether a client waits in a command.
func (f *fixture) blocked() (yes bool) {
	f.Clients().Each(func(c *command.Client) { yes = yes || c.Blocked() })
	return yes
}
