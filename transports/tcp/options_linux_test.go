package tcp

import (
	"errors"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/config"
)

// accepted hands over the connections it accepts.
type accepted chan net.Conn

func (a accepted) Serve(l net.Listener, _ string) error {
	defer close(a)
	for {
		conn, err := l.Accept()
		if err != nil {
			return nil
		}
		a <- conn
	}
}

func TestSocketOptions(t *testing.T) {
	for _, c := range []Config{
		{Keepalive: config.Duration(90 * time.Second), Nodelay: true},
		{Keepalive: 0, Nodelay: false},
	} {
		c.Listen = "127.0.0.1:0"
		tr, conns := New(&c, here), make(accepted)
		if err := tr.Start(t.Context(), conns); err != nil {
			t.Fatal(err)
		}
		client, err := net.Dial("tcp", tr.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		conn := <-conns
		keepalive := option(t, conn, syscall.SOL_SOCKET, syscall.SO_KEEPALIVE)
		if on := time.Duration(c.Keepalive) != 0; (keepalive != 0) != on {
			t.Errorf("%+v: SO_KEEPALIVE is %d", c, keepalive)
		} else if idle := option(t, conn, syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE); on && idle != 90 {
			t.Errorf("%+v: TCP_KEEPIDLE is %d, want 90", c, idle)
		}
		if nodelay := option(t, conn, syscall.IPPROTO_TCP, syscall.TCP_NODELAY); (nodelay != 0) != c.Nodelay {
			t.Errorf("%+v: TCP_NODELAY is %d", c, nodelay)
		}
		if err := errors.Join(client.Close(), conn.Close(), tr.Stop(t.Context())); err != nil {
			t.Error(err)
		}
	}
}

func option(t *testing.T, conn net.Conn, level, name int) int {
	t.Helper()
	raw, err := conn.(syscall.Conn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var value int
	var failure error
	if err := raw.Control(func(fd uintptr) { value, failure = syscall.GetsockoptInt(int(fd), level, name) }); err != nil {
		t.Fatal(err)
	}
	if failure != nil {
		t.Fatal(failure)
	}
	return value
}
