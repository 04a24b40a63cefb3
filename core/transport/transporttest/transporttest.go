// Package transporttest is the conformance suite of transports: what every
// transport.Listener must do, in this tree or out of it.
//
// A transport's test describes itself in a Kit and calls Run. The suite is not
// to be run in parallel with other tests of the same process, since it counts
// goroutines.
package transporttest

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/transport"
)

// Kit is a transport under test.
type Kit struct {
	// New makes a transport that listens on address, and a function that
	// connects to it as a client would. An empty address means any that is
	// free; otherwise it is what Addr().String() of another one returned.
	New func(t *testing.T, address string) (transport.Listener, Dial)
	// Off makes one that the configuration switches off.
	Off func(t *testing.T) transport.Listener
}

// Dial connects to the transport it came with.
type Dial func() (net.Conn, error)

// patience bounds each wait: only a transport that is broken uses it up.
const patience = 20 * time.Second

// Run runs the suite.
func Run(t *testing.T, k Kit) {
	t.Run("it is enabled by its configuration", k.enabled)
	t.Run("it has no address and nothing to stop before it starts", k.notStarted)
	t.Run("it binds before Start returns and serves", k.serves)
	t.Run("it serves several clients at once", k.serial)
	t.Run("a taken address is an error that names it", k.taken)
	t.Run("Stop ends its goroutines and frees the address", k.stops)
	t.Run("connections survive Stop", k.survives)
}

func (k Kit) enabled(t *testing.T) {
	if l, _ := k.New(t, ""); !l.Enabled() {
		t.Error("not enabled although it is configured")
	}
	if k.Off(t).Enabled() {
		t.Error("enabled although it is switched off")
	}
}

func (k Kit) notStarted(t *testing.T) {
	for _, l := range []transport.Listener{k.Off(t), first(k.New(t, ""))} {
		if !strings.HasPrefix(l.ID(), string(module.Transport)+".") {
			t.Errorf("ID %q does not start with %q", l.ID(), module.Transport)
		}
		if addr := l.Addr(); addr != nil {
			t.Errorf("address %v before Start, want nil", addr)
		}
		if err := l.Stop(t.Context()); err != nil {
			t.Errorf("Stop without Start: %v", err)
		}
	}
}

func (k Kit) serves(t *testing.T) {
	srv := server(t)
	l, dial := k.New(t, "")
	// The context is for the start alone: ending it must not end the service.
	ctx, cancel := context.WithCancel(t.Context())
	if err := l.Start(ctx, srv); err != nil {
		t.Fatal(err)
	}
	cancel()
	defer stop(t, l)
	if l.Addr() == nil || l.Addr().String() == "" {
		t.Fatalf("address %v after Start", l.Addr())
	}
	echo(t, connect(t, dial))
	if kinds := srv.Kinds(); !slices.Equal(kinds, []string{l.ID()}) {
		t.Errorf("Serve was called with the kinds %q, want %q once", kinds, l.ID())
	}
}

func (k Kit) serial(t *testing.T) {
	l, dial := k.New(t, "")
	start(t, l, server(t))
	defer stop(t, l)
	conns := make([]net.Conn, 8)
	for i := range conns {
		conns[i] = connect(t, dial)
	}
	for _, conn := range conns {
		echo(t, conn)
	}
}

func (k Kit) taken(t *testing.T) {
	srv := server(t)
	l, dial := k.New(t, "")
	start(t, l, srv)
	defer stop(t, l)
	address := l.Addr().String()
	other, _ := k.New(t, address)
	err := other.Start(t.Context(), srv)
	if err == nil {
		stop(t, other)
		t.Fatalf("a second transport bound %s", address)
	}
	for _, part := range []string{other.ID() + ": ", address, "; "} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q lacks %q: it must say whose it is, what is taken and what to do", err, part)
		}
	}
	if addr := other.Addr(); addr != nil {
		t.Errorf("address %v after a failed Start, want nil", addr)
	}
	if err := other.Stop(t.Context()); err != nil {
		t.Errorf("Stop after a failed Start: %v", err)
	}
	echo(t, connect(t, dial))
}

func (k Kit) stops(t *testing.T) {
	address := ""
	before := runtime.NumGoroutine()
	for range 3 {
		srv := &Echo{}
		l, dial := k.New(t, address)
		start(t, l, srv)
		address = l.Addr().String()
		conn := connect(t, dial)
		echo(t, conn)
		stop(t, l)
		if n := srv.Serving(); n != 0 {
			t.Fatalf("Stop returned while %d calls of Serve had not", n)
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		srv.Close()
		if conn, err := dial(); err == nil {
			_ = conn.Close()
			t.Fatal("it accepts connections after Stop")
		}
	}
	// A goroutine that has signalled its end may still be returning.
	for deadline := time.Now().Add(patience); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before the start:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

func (k Kit) survives(t *testing.T) {
	l, dial := k.New(t, "")
	start(t, l, server(t))
	conn := connect(t, dial)
	echo(t, conn)
	stop(t, l)
	echo(t, conn)
}

func first(l transport.Listener, _ Dial) transport.Listener { return l }

func server(t *testing.T) *Echo {
	srv := &Echo{}
	t.Cleanup(srv.Close)
	return srv
}

func start(t *testing.T, l transport.Listener, srv transport.Server) {
	t.Helper()
	if err := l.Start(t.Context(), srv); err != nil {
		t.Fatal(err)
	}
}

func stop(t *testing.T, l transport.Listener) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := l.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func connect(t *testing.T, dial Dial) net.Conn {
	t.Helper()
	conn, err := dial()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// echo sends bytes that fill more than one read and expects them back.
func echo(t *testing.T, conn net.Conn) {
	t.Helper()
	sent := make([]byte, 20_000)
	_, _ = rand.Read(sent) // never fails
	go func() { _, _ = conn.Write(sent) }()
	got := make([]byte, len(sent))
	if _, err := io.ReadFull(conn, got); err != nil {
		t.Fatalf("echo: %v", err)
	}
	if !bytes.Equal(got, sent) {
		t.Fatal("the echo differs from what was sent")
	}
}
