package server

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// drain ends the server as the process does: the listeners first.
func (f *fixture) drain(ctx context.Context) (err error) {
	f.t.Helper()
	for _, l := range f.ls {
		_ = l.Close()
	}
	f.within("Drain returns", func() { err = f.Drain(ctx) })
	return err
}

// What was sent before is answered, and then the connection ends.
func TestDrainAnswersWhatWasSent(t *testing.T) {
	f := newFixture(t, Options{})
	l := f.listen()
	const n = 10_000
	p, half, idle := f.dial(l), f.dial(l), f.dial(l)
	p.do("PING", "+PONG\r\n")
	half.do("PING", "+PONG\r\n")
	idle.do("PING", "+PONG\r\n")
	half.send("*2\r\n$4\r\nECHO\r\n$10\r\nabc")
	p.send(strings.Repeat("PING\r\n", n))
	errs := make(chan error, 1)
	go func() { errs <- f.drain(t.Context()) }()
	p.expect(strings.Repeat("+PONG\r\n", n))
	for _, p := range []*peer{p, half, idle} {
		p.ends()
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-errs; err != nil {
		t.Error(err)
	}
	if !f.Draining() {
		t.Error("not draining")
	}
	if err := f.Drain(t.Context()); err != nil {
		t.Errorf("a second time: %v", err)
	}
}

// A client that never stops talking doesn't keep the server from ending.
func TestDrainEndsATalker(t *testing.T) {
	for name, ctx := range map[string]func() (context.Context, context.CancelFunc){
		"in time": func() (context.Context, context.CancelFunc) { return context.WithCancel(t.Context()) },
		"cut off": func() (context.Context, context.CancelFunc) { return context.WithTimeout(t.Context(), drainTime/10) },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, Options{})
			p := f.dial(f.listen())
			p.do("PING", "+PONG\r\n")
			// No reply to each request, so that reading them is all there is
			// to do, and the server's buffer is always full.
			talk := []byte(strings.Repeat("\r\n", 1<<20))
			var gone atomicError
			started := make(chan struct{})
			go func() {
				for i := 0; ; i++ {
					if _, err := p.Write(talk); err != nil {
						gone.store(err)
						return
					}
					if i == 3 {
						close(started)
					}
				}
			}()
			<-started
			ctx, cancel := ctx()
			defer cancel()
			err := f.drain(ctx)
			if (err != nil) != (name == "cut off") || err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Drain: %v", err)
			}
			f.until("the client is told", func() bool { return gone.load() != nil })
		})
	}
}

// A client that reads nothing is cut off when the time is over.
func TestDrainCutsOff(t *testing.T) {
	f := newFixture(t, Options{})
	l := f.listen()
	f.store.SetMaxMemory(0)
	p := f.dial(l)
	p.do("SET k "+strings.Repeat("v", 50_000), "+OK\r\n")
	c := f.client(p.id())
	go func() {
		// It fails when the server cuts the connection.
		_, _ = io.WriteString(p, strings.Repeat("GET k\r\n", 10_000))
	}()
	f.until("the server can't send", func() bool { return c.unread.Load() > 0 })
	ctx, cancel := context.WithTimeout(t.Context(), 3*drainTime)
	defer cancel()
	err := f.drain(ctx)
	if want := "drain: 1 connections were cut off: context deadline exceeded"; err == nil || err.Error() != want {
		t.Errorf("Drain: %v, want %s", err, want)
	}
}

// A connection that is accepted while the server drains is served for a moment.
func TestDrainEndsLatecomers(t *testing.T) {
	f := newFixture(t, Options{})
	if err := f.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	a, b := net.Pipe()
	f.serve(&oneConn{conns: []net.Conn{a}})
	f.peer(b).ends()
	f.within("it ends", f.conns.Wait)
}

// One that the server has left already, but that doesn't read its last replies,
// is cut off as well.
func TestDrainCutsOffWhoWasLeft(t *testing.T) {
	f := newFixture(t, Options{})
	p := f.dial(f.listen())
	p.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$16777216\r\n" + strings.Repeat("x", 16<<20) + "\r\n")
	p.expect("+OK\r\n")
	p.send("MULTI\r\n" + strings.Repeat("GET k\r\n", 4) + "CLIENT KILL TYPE normal SKIPME no\r\nEXEC\r\n")
	f.until("the server leaves it", func() bool { return f.Clients().Count() == 0 })
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := f.drain(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Drain: %v", err)
	}
}

// Idle clients are closed, busy ones are not.
func TestCloseIdle(t *testing.T) {
	f := newFixture(t, Options{})
	l := f.listen()
	idle, busy := f.dial(l), f.dial(l)
	idle.do("PING", "+PONG\r\n")
	busy.do("PING", "+PONG\r\n")
	f.CloseIdle(time.Now().Add(time.Hour))
	idle.do("PING", "+PONG\r\n") // no timeout is set
	f.SetIdleTimeout(time.Hour)
	if f.IdleTimeout() != time.Hour {
		t.Errorf("idle timeout %v", f.IdleTimeout())
	}
	f.clients.conns(func(c *conn) {
		if c.session.Client.ID == 1 {
			c.session.Client.Active.Store(time.Now().Add(-2 * time.Hour).UnixMilli())
		}
	})
	f.within("CloseIdle returns", func() { f.CloseIdle(time.Now()) })
	idle.ends()
	busy.do("PING", "+PONG\r\n")
	f.until("it is gone", func() bool { return f.Clients().Count() == 1 })
	if n := f.stats.IdleCloses.Load(); n != 1 {
		t.Errorf("%d idle closes", n)
	}
}
