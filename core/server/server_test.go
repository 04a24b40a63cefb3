package server

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/buffer/buffertest"
	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/resp"
	"github.com/redistill-go/redistill/core/session"
	"github.com/redistill-go/redistill/core/stats"
	"github.com/redistill-go/redistill/core/store"
	"github.com/redistill-go/redistill/core/watch"
	"github.com/redistill-go/redistill/modules/commands/allcommands"
)

// patience is how long a test waits for what must happen: no correct server
// needs so long.
const patience = 30 * time.Second

// fixture is a server with listeners on the loopback.
type fixture struct {
	*Server
	t      testing.TB
	stats  *stats.Stats
	store  *store.Store
	served chan error
	ls     []net.Listener
	// above makes the client's end of what is above TCP; nil: nothing is.
	above func(net.Conn) *tls.Conn
}

func newFixture(t testing.TB, o Options, more ...command.Spec) *fixture {
	t.Helper()
	st, err := store.New(store.Options{Shards: 16, Reserve: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	table := command.MustTable(append(allcommands.Families(), command.Family{ID: "more", Specs: more})...)
	env := &command.Env{
		Store: st, Watch: watch.New(st, nil), Table: table, Stats: stats.New(table.Len()), Auth: &command.Auth{},
		Version: "0.0.0", RunID: strings.Repeat("0", 40),
	}
	o.Shared = &session.Shared{Env: env, Limits: resp.DefaultLimits(512 << 20), ReplyLimit: new(atomic.Int64), Buffers: buffertest.New(t)}
	if o.MaxClients == 0 {
		o.MaxClients = 1000
	}
	f := &fixture{Server: New(o), t: t, stats: env.Stats, store: st, served: make(chan error, 8)}
	env.Clients = f.Clients()
	env.NewTracker(nil)
	f.SetOutputLimit(Normal, OutputLimit{Hard: 1 << 20})
	t.Cleanup(f.close)
	return f
}

// close ends the server and checks that all of it has ended.
func (f *fixture) close() {
	for _, l := range f.ls {
		_ = l.Close()
		f.within("Serve returns", func() {
			if err := <-f.served; err != nil {
				f.t.Errorf("Serve: %v", err)
			}
		})
	}
	over, cancel := context.WithCancel(context.Background())
	cancel()
	// It fails where it has to cut connections off, which is as well here.
	f.within("the server ends", func() { _ = f.Drain(over) })
	f.within("all connections end", f.conns.Wait)
	if n := f.Clients().Count(); n != 0 {
		f.t.Errorf("%d clients are registered", n)
	}
	if n := f.stats.ConnectionsCurrent.Load(); n != 0 {
		f.t.Errorf("%d connections are counted", n)
	}
	if err := f.store.Close(); err != nil {
		f.t.Error(err)
	}
}

// within fails the test if f does not return in good time.
func (f *fixture) within(what string, do func()) {
	f.t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); do() }()
	select {
	case <-done:
	case <-time.After(patience):
		stacks := make([]byte, 1<<20)
		f.t.Fatalf("%s: not yet\n%s", what, stacks[:runtime.Stack(stacks, true)])
	}
}

// until waits for ok to become true, which something else makes it soon.
func (f *fixture) until(what string, ok func() bool) {
	f.t.Helper()
	for end := time.Now().Add(patience); !ok(); runtime.Gosched() {
		if time.Now().After(end) {
			f.t.Fatalf("%s: not yet", what)
		}
	}
}

func (f *fixture) listen() net.Listener {
	f.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.t.Fatal(err)
	}
	return f.serve(l)
}

func (f *fixture) serve(l net.Listener) net.Listener {
	f.ls = append(f.ls, l)
	go func() { f.served <- f.Serve(l, "transport.test") }()
	return l
}

// peer is a client's end of a connection.
type peer struct {
	net.Conn
	r *bufio.Reader
	t testing.TB
}

func (f *fixture) dial(l net.Listener) *peer {
	f.t.Helper()
	nc, err := net.Dial(l.Addr().Network(), l.Addr().String())
	if err != nil {
		f.t.Fatal(err)
	}
	if f.above == nil {
		return f.peer(nc)
	}
	p := f.peer(f.above(nc))
	if err := p.Conn.(*tls.Conn).Handshake(); err != nil {
		f.t.Fatal(err)
	}
	return p
}

// listenTLS is listen for TLS, which dial uses from then on.
func (f *fixture) listenTLS() net.Listener {
	f.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.t.Fatal(err)
	}
	cert, roots := certificate(f.t)
	f.above = func(nc net.Conn) *tls.Conn {
		return tls.Client(nc, &tls.Config{RootCAs: roots, ServerName: "127.0.0.1"})
	}
	return f.serve(tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}}))
}

// tcp is the connection below whatever there is.
func (p *peer) tcp() *net.TCPConn {
	if above, ok := p.Conn.(*tls.Conn); ok {
		return above.NetConn().(*net.TCPConn)
	}
	return p.Conn.(*net.TCPConn)
}

func (f *fixture) peer(nc net.Conn) *peer {
	f.t.Cleanup(func() { _ = nc.Close() })
	if err := nc.SetDeadline(time.Now().Add(patience)); err != nil {
		f.t.Fatal(err)
	}
	return &peer{nc, bufio.NewReader(nc), f.t}
}

func (p *peer) send(s string) {
	p.t.Helper()
	if _, err := io.WriteString(p, s); err != nil {
		p.t.Fatal(err)
	}
}

func (p *peer) expect(want string) {
	p.t.Helper()
	got := make([]byte, len(want))
	n, err := io.ReadFull(p.r, got)
	if err != nil || string(got) != want {
		p.t.Fatalf("got %.200q, %v; want %.200q", got[:n], err, want)
	}
}

// do sends a request and expects the reply.
func (p *peer) do(request, reply string) {
	p.t.Helper()
	p.send(request + "\r\n")
	p.expect(reply)
}

// ends expects the end of what the server says.
func (p *peer) ends() {
	p.t.Helper()
	if b, err := io.ReadAll(p.r); err != nil || len(b) > 0 {
		p.t.Fatalf("got %.200q, %v; want the end", b, err)
	}
}

func TestMaxClients(t *testing.T) {
	f := newFixture(t, Options{MaxClients: 2})
	l := f.listen()
	a, b := f.dial(l), f.dial(l)
	a.do("PING", "+PONG\r\n")
	b.do("PING", "+PONG\r\n")
	c := f.dial(l)
	c.expect("-ERR max number of clients reached\r\n")
	c.ends()
	f.SetMaxClients(3)
	f.dial(l).do("PING", "+PONG\r\n")
	f.SetMaxClients(1)
	a.do("PING", "+PONG\r\n") // those that are open stay
	f.dial(l).expect("-ERR max number of clients reached\r\n")
	if got := f.stats.ConnectionsRejected.Load(); got != 2 {
		t.Errorf("%d rejected", got)
	}
	if got := f.stats.ConnectionsReceived.Load(); got != 5 {
		t.Errorf("%d received", got)
	}
	if f.MaxClients() != 1 || f.Clients().Count() != 3 {
		t.Errorf("at most %d, now %d", f.MaxClients(), f.Clients().Count())
	}
}

func TestRegistry(t *testing.T) {
	f := newFixture(t, Options{})
	l := f.listen()
	var peers []*peer
	for i := range 5 {
		p := f.dial(l)
		p.do("CLIENT ID", fmt.Sprintf(":%d\r\n", i+1))
		peers = append(peers, p)
	}
	if err := peers[2].Close(); err != nil {
		t.Fatal(err)
	}
	f.until("the third leaves", func() bool { return f.Clients().Count() == 4 })
	var ids []int64
	f.Clients().Each(func(c *command.Client) {
		ids = append(ids, c.ID)
		if c.Transport != "transport.test" || !strings.HasPrefix(c.Addr, "127.0.0.1:") || c.LocalAddr != l.Addr().String() {
			t.Errorf("client %d: %q %q %q", c.ID, c.Transport, c.Addr, c.LocalAddr)
		}
	})
	if fmt.Sprint(ids) != "[1 2 4 5]" {
		t.Errorf("clients %v", ids)
	}
	peers[0].do("QUIT", "+OK\r\n")
	peers[0].ends()
}

// A unix socket's client has no address of its own.
func TestUnixSocket(t *testing.T) {
	f := newFixture(t, Options{})
	path := t.TempDir() + "/s"
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	f.serve(l)
	p := f.dial(l)
	p.do("PING", "+PONG\r\n")
	f.Clients().Each(func(c *command.Client) {
		if c.Addr != path+":0" || c.LocalAddr != path+":0" {
			t.Errorf("addresses %q and %q, want %q", c.Addr, c.LocalAddr, path+":0")
		}
	})
}

// Whatever ends a connection, nothing of it stays.
func TestGoroutinesEnd(t *testing.T) {
	f := newFixture(t, Options{MaxClients: 50})
	l := f.listen()
	f.dial(l).do("PING", "+PONG\r\n")
	before := runtime.NumGoroutine()
	for i := range 100 {
		p := f.dial(l)
		switch i % 5 {
		case 0:
			p.do("QUIT", "+OK\r\n")
			p.ends()
		case 1:
			p.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1000000\r\nabc")
		case 2:
			p.send("*x\r\n")
			p.expect("-ERR Protocol error: invalid multibulk length\r\n")
		case 3:
			p.do("PING", "+PONG\r\n")
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	}
	f.until("the goroutines end", func() bool { return runtime.NumGoroutine() <= before })
	f.until("the memory is given back", func() bool { return f.store.Memory().Allocated == 0 })
}
