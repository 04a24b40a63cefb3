package server

import (
	"context"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/command"
)

// endless is a command that runs until it is told that its client is gone, or
// until it is let go.
func endless(began chan<- struct{}, letGo <-chan struct{}) command.Spec {
	return command.Spec{
		Name: "endless", Arity: 1, Group: "generic", Since: "1.0.0", Summary: "Run", Complexity: "O(N)",
		Handler: func(c *command.Ctx) {
			began <- struct{}{}
			for !c.Gone() {
				select {
				case <-letGo:
					c.W.OK()
					return
				default:
					runtime.Gosched()
				}
			}
			c.W.Null()
		},
	}
}

// A command that runs for long ends with its client, and with the server.
func TestLongCommandEnds(t *testing.T) {
	for name, end := range map[string]func(f *fixture, l net.Listener, p *peer){
		"killed": func(f *fixture, l net.Listener, _ *peer) {
			f.dial(l).do("CLIENT KILL ID 1", ":1\r\n")
		},
		"reset": func(f *fixture, _ net.Listener, p *peer) {
			if err := p.Conn.(*net.TCPConn).SetLinger(0); err != nil {
				f.t.Fatal(err)
			}
			if err := p.Close(); err != nil {
				f.t.Fatal(err)
			}
		},
		"stop without time": func(f *fixture, _ net.Listener, _ *peer) {
			ctx, cancel := context.WithTimeout(f.t.Context(), time.Millisecond)
			defer cancel()
			if err := f.drain(ctx); err == nil {
				f.t.Error("nobody was cut off")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			began := make(chan struct{})
			f := newFixture(t, Options{}, endless(began, nil))
			l := f.listen()
			p := f.dial(l)
			p.do("CLIENT ID", ":1\r\n")
			p.send("ENDLESS\r\n")
			<-began
			end(f, l, p)
			f.until("the client leaves", func() bool { return f.Clients().Find(1) == nil })
			f.within("its command ends", func() {
				ctx, cancel := context.WithCancel(context.Background())
				cancel()
				_ = f.Drain(ctx) // whoever else is there is cut off
			})
		})
	}
}

// A client that will send no more still gets its reply.
func TestLongCommandOutlivesAHalfClose(t *testing.T) {
	began, letGo := make(chan struct{}), make(chan struct{})
	f := newFixture(t, Options{}, endless(began, letGo))
	p := f.dial(f.listen())
	p.do("PING", "+PONG\r\n")
	p.send("ENDLESS\r\n")
	<-began
	if err := p.Conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	f.Clients().Each(func(c *command.Client) {
		f.until("the server has heard of it", func() bool { return f.hearsHangup(c.ID) })
	})
	close(letGo)
	p.expect("+OK\r\n")
	p.ends()
}

// hearsHangup says whether the server knows that the client has closed its side.
func (f *fixture) hearsHangup(id int64) bool {
	f.clients.mu.Lock()
	defer f.clients.mu.Unlock()
	return f.clients.byID[id].hup.Load()
}
