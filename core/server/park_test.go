package server

import (
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"sync"
	"testing"
	"time"
)

// parked counts the connections that have no goroutine.
func (f *fixture) parked() (n int) {
	f.clients.conns(func(c *conn) {
		if c.parked.Load() {
			n++
		}
	})
	return n
}

// dialParked opens a connection, says something and waits until it is parked.
func (f *fixture) dialParked(l net.Listener, says, reply string) *peer {
	f.t.Helper()
	before := f.parked()
	p := f.dial(l)
	p.send(says)
	p.expect(reply)
	f.until("it is parked", func() bool { return f.parked() == before+1 })
	return p
}

// Connections that have said nothing or one thing have no goroutine.
func TestParkedConnectionsHaveNoGoroutine(t *testing.T) {
	for transport, listen := range transports {
		t.Run(transport, func(t *testing.T) {
			f := newFixture(t, Options{})
			f.restAfter = 10 * time.Millisecond
			l := listen(f)
			f.dialParked(l, "PING\r\n", "+PONG\r\n")
			before := runtime.NumGoroutine()
			for range 50 {
				f.dialParked(l, "PING\r\nPI", "+PONG\r\n")
			}
			f.until("they have ended", func() bool { return runtime.NumGoroutine() <= before })
			if transport == "TLS" {
				if held, own := f.Held().Connections, int64(51*(baseCost+streamCost)); held != own {
					t.Errorf("%d bytes are counted for them, want %d", held, own)
				}
			}
		})
	}
}

// One that is busy stays awake, until it has been silent.
func TestBusyConnectionStaysAwake(t *testing.T) {
	f := newFixture(t, Options{})
	p := f.dialParked(f.listen(), "PING\r\n", "+PONG\r\n")
	busy := func() {
		for range 100 {
			p.do("PING", "+PONG\r\n")
		}
	}
	f.until("it is awake", func() bool { busy(); return f.parked() == 0 })
	f.until("it is parked again", func() bool { return f.parked() == 1 })
	busy()
}

// Whatever happens to a connection happens to one that is parked.
func TestParkedConnection(t *testing.T) {
	gone := func(f *fixture, p *peer) {
		p.ends()
		f.until("it is gone", func() bool { return f.parked() == 0 && f.stats.ConnectionsCurrent.Load() == 0 })
	}
	for name, c := range map[string]struct {
		says string
		then func(f *fixture, l net.Listener, p *peer)
	}{
		"served": {then: func(_ *fixture, _ net.Listener, p *peer) {
			for range 10 {
				p.do("PING", "+PONG\r\n")
			}
		}},
		"half a request": {says: "PI", then: func(_ *fixture, _ net.Listener, p *peer) { p.do("NG", "+PONG\r\n") }},
		"large argument": {says: "*2\r\n$4\r\nECHO\r\n$100000\r\nabc", then: func(_ *fixture, _ net.Listener, p *peer) {
			p.send(fmt.Sprintf("%099997d\r\n", 0))
			p.expect("$100000\r\nabc" + fmt.Sprintf("%099997d\r\n", 0))
		}},
		"killed": {then: func(f *fixture, l net.Listener, p *peer) {
			other := f.dial(l)
			other.do("CLIENT KILL ID 1", ":1\r\n")
			other.do("QUIT", "+OK\r\n")
			gone(f, p)
		}},
		"pushed to": {says: "CLIENT REPLY OFF\r\nHELLO 3\r\nCLIENT TRACKING ON BCAST\r\n", then: func(f *fixture, l net.Listener, p *peer) {
			f.dial(l).do("SET k v", "+OK\r\n")
			p.expect(">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n")
			f.until("both are parked", func() bool { return f.parked() == 2 })
		}},
		"half closed": {says: "PI", then: func(f *fixture, _ net.Listener, p *peer) {
			p.send("NG\r\n")
			p.closeWrite()
			p.expect("+PONG\r\n")
			gone(f, p)
		}},
		"closed": {then: func(f *fixture, _ net.Listener, p *peer) { p.closeWrite(); gone(f, p) }},
		"reset": {then: func(f *fixture, _ net.Listener, p *peer) {
			if err := p.tcp().SetLinger(0); err != nil {
				f.t.Fatal(err)
			}
			if err := p.tcp().Close(); err != nil {
				f.t.Fatal(err)
			}
			f.until("it is gone", func() bool { return f.stats.ConnectionsCurrent.Load() == 0 })
		}},
		"idle for too long": {then: func(f *fixture, _ net.Listener, p *peer) {
			f.SetIdleTimeout(time.Hour)
			f.CloseIdle(time.Now().Add(2 * time.Hour))
			gone(f, p)
		}},
		"evicted": {then: func(f *fixture, _ net.Listener, p *peer) { f.SetMemoryLimit(1); gone(f, p) }},
		"drained": {then: func(f *fixture, _ net.Listener, p *peer) {
			if err := f.drain(f.t.Context()); err != nil {
				f.t.Error(err)
			}
			gone(f, p)
		}},
		"cut off": {then: func(f *fixture, _ net.Listener, p *peer) {
			over, cancel := context.WithCancel(f.t.Context())
			cancel()
			if err := f.drain(over); err == nil {
				f.t.Error("nobody was cut off")
			}
			gone(f, p)
		}},
	} {
		for transport, listen := range transports {
			t.Run(name+" on "+transport, func(t *testing.T) {
				f := newFixture(t, Options{})
				if transport != "a socket" {
					f.restAfter = time.Millisecond // it is parked after that only
				}
				l := listen(f)
				p := f.dial(l)
				f.until("it has come and is parked", func() bool { return f.parked() == 1 })
				p.send(c.says)
				f.until("it is parked again", func() bool { return f.stats.NetInput.Load() == int64(len(c.says)) && f.parked() == 1 })
				c.then(f, l, p)
			})
		}
	}
}

// transports are what connections come by.
var transports = map[string]func(*fixture) net.Listener{"a socket": (*fixture).listen, "TLS": (*fixture).listenTLS}

// A client that does not authenticate is closed although nobody serves it.
func TestParkedStranger(t *testing.T) {
	f := newFixture(t, Options{AuthTimeout: 100 * time.Millisecond})
	f.shared.Env.Auth.SetPassword("secret")
	p := f.dial(f.listen())
	p.ends()
	f.until("it is gone", func() bool { return f.stats.ConnectionsCurrent.Load() == 0 })
	if n := f.stats.AuthTimeouts.Load(); n != 1 {
		t.Errorf("%d timeouts are counted", n)
	}
}

// Connections that are parked after every request, by whatever they are woken,
// lose nothing.
func TestParkingRaces(t *testing.T) {
	for name, rest := range map[string]time.Duration{"always": 0, "for short": time.Millisecond} {
		for transport, listen := range transports {
			if rest == 0 && transport == "TLS" {
				continue // a read whose time is over does not look whether there is something
			}
			t.Run(name+" on "+transport, func(t *testing.T) {
				f := newFixture(t, Options{})
				f.restAfter = rest
				f.race(listen(f))
			})
		}
	}
}

func (f *fixture) race(l net.Listener) {
	var talkers sync.WaitGroup
	for i := range 8 {
		p := f.dial(l)
		talkers.Go(func() {
			if err := p.chat(300, i); err != nil {
				f.t.Error(err)
			}
		})
	}
	// Others come, are killed at any moment and are all cleared away.
	admin := f.dial(l)
	for range 300 {
		victim := f.dial(l)
		victim.send("CLIENT ID\r\n")
		id, err := victim.r.ReadString('\n')
		if err != nil {
			f.t.Fatal(err)
		}
		victim.send("PING\r\n")
		admin.do("CLIENT KILL ID "+id[1:len(id)-2], ":1\r\n")
		_ = victim.Close()
	}
	talkers.Wait()
	f.until("all who left are gone", func() bool { return f.stats.ConnectionsCurrent.Load() == 1 })
}

// chat sends requests in pieces, at varying times, and closes its side behind the
// last one.
func (p *peer) chat(n, seed int) error {
	const reply = "+PONG\r\n$1\r\na\r\n"
	for i := range n {
		for _, piece := range []string{"PI", "NG\r\nECHO a\r\n"} {
			if _, err := io.WriteString(p, piece); err != nil {
				return err
			}
			if i%3 == seed%3 {
				runtime.Gosched()
			}
		}
		if i == n-1 {
			if err := p.Conn.(halfCloser).CloseWrite(); err != nil {
				return err
			}
		}
		got := make([]byte, len(reply))
		if _, err := io.ReadFull(p.r, got); err != nil || string(got) != reply {
			return fmt.Errorf("got %q, %w; want %q", got, err, reply)
		}
	}
	if b, err := io.ReadAll(p.r); err != nil || len(b) > 0 {
		return fmt.Errorf("got %q, %w; want the end", b, err)
	}
	return nil
}
