package server

import (
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// atomicError is an error that goroutines share.
type atomicError struct{ p atomic.Pointer[error] }

func (a *atomicError) store(err error) { a.p.Store(&err) }
func (a *atomicError) load() error {
	if p := a.p.Load(); p != nil {
		return *p
	}
	return nil
}

// oneConn is a listener that accepts some connections and is then closed.
type oneConn struct{ conns []net.Conn }

func (l *oneConn) Accept() (net.Conn, error) {
	if len(l.conns) == 0 {
		return nil, net.ErrClosed
	}
	nc := l.conns[0]
	l.conns = l.conns[1:]
	return nc, nil
}
func (l *oneConn) Close() error   { return nil }
func (l *oneConn) Addr() net.Addr { return &net.TCPAddr{} }

// failing is a listener that can't accept: it fails so often, then accepts
// one connection, then fails again, and at last is closed.
type failing struct {
	oneConn
	script []error // nil: accept a connection
	at     []time.Time
}

var errTemporary = errors.New("accept: too many open files")

func (l *failing) Accept() (net.Conn, error) {
	l.at = append(l.at, time.Now())
	if len(l.script) == 0 {
		return nil, net.ErrClosed
	}
	err := l.script[0]
	l.script = l.script[1:]
	if err == nil {
		a, b := net.Pipe()
		_ = b.Close()
		return a, nil
	}
	return nil, err
}

// Errors of accept are not tried again at once, and ever later, and a success
// makes that forgotten.
func TestAcceptErrorsAreBackedOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, Options{})
		l := &failing{}
		for range 10 {
			l.script = append(l.script, errTemporary)
		}
		l.script = append(l.script, nil, errTemporary)
		if err := f.Serve(l, "transport.test"); err != nil {
			t.Errorf("Serve: %v", err)
		}
		want := []time.Duration{5, 10, 20, 40, 80, 160, 320, 640, 1000, 1000, 0, 5}
		for i, w := range want {
			if got := l.at[i+1].Sub(l.at[i]); got != w*time.Millisecond {
				t.Errorf("pause %d is %v, want %v", i, got, w*time.Millisecond)
			}
		}
		if n := f.stats.AcceptErrors.Load(); n != 11 {
			t.Errorf("%d errors are counted", n)
		}
	})
}

// A server that ends doesn't wait for the pause.
func TestDrainEndsThePause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, Options{})
		l := &failing{script: []error{errTemporary, errTemporary, errTemporary}}
		f.serve(l)
		synctest.Wait()
		began := time.Now()
		if err := f.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if len(l.at) != 1 || !time.Now().Equal(began) {
			t.Errorf("tried %d times, %v later", len(l.at), time.Since(began))
		}
	})
}

// A connection that isn't a socket is served as well, and leaves nothing.
func TestPipe(t *testing.T) {
	f := newFixture(t, Options{})
	a, b := net.Pipe()
	f.serve(&oneConn{conns: []net.Conn{a}})
	p := f.peer(b)
	p.do("SET k v", "+OK\r\n")
	p.do("GET k", "$1\r\nv\r\n")
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	f.within("it ends", f.conns.Wait)
}
