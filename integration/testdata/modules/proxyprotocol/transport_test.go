package proxyprotocol

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/transport"
	"github.com/redistill-go/redistill/core/transport/transporttest"
)

var here = module.Place{ID: ID, Section: "transports.proxyprotocol"}

const client, introduction = "192.0.2.1:56324", "PROXY TCP4 192.0.2.1 192.0.2.2 56324 6379\r\n"

func newTransport(address string) *Transport {
	c := NewConfig()
	c.Listen = address
	return New(c, here)
}

// introduced connects as a load balancer does, in one write with what a client says.
func introduced(t *Transport, first string) (net.Conn, error) {
	conn, err := net.Dial("tcp", t.Addr().String())
	if err == nil {
		_, err = conn.Write([]byte(introduction + first))
	}
	return conn, err
}

func TestConformance(t *testing.T) {
	transporttest.Run(t, transporttest.Kit{
		New: func(_ *testing.T, address string) (transport.Listener, transporttest.Dial) {
			if address == "" {
				address = "127.0.0.1:0"
			}
			tr := newTransport(address)
			return tr, func() (net.Conn, error) { return introduced(tr, "") }
		},
		Off: func(*testing.T) transport.Listener { return newTransport("") },
	})
}

// acceptor hands over the connections it accepts.
type acceptor chan net.Conn

func (a acceptor) Serve(l net.Listener, _ string) error {
	for {
		conn, err := l.Accept()
		if err != nil {
			close(a)
			return nil
		}
		a <- conn
	}
}

// started starts a transport and stops it when the test ends.
func started(t *testing.T, c *Config) (*Transport, acceptor) {
	t.Helper()
	tr, conns := New(c, here), make(acceptor)
	if err := tr.Start(t.Context(), conns); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tr.Stop(context.Background()); err != nil {
			t.Error(err)
		}
		if conn, ok := <-conns; ok {
			t.Errorf("%v was accepted", conn.RemoteAddr())
		}
	})
	return tr, conns
}

func loopback() *Config {
	c := NewConfig()
	c.Listen = "127.0.0.1:0"
	return c
}

// The connection is the client's, and begins with the client's first byte.
func TestWhoseAConnectionIs(t *testing.T) {
	tr, conns := started(t, loopback())
	balancer, err := introduced(tr, "PING\r\n")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = balancer.Close() }()
	conn := <-conns
	defer func() { _ = conn.Close() }()
	if got := conn.RemoteAddr().String(); got != client {
		t.Errorf("the client is %s, want %s", got, client)
	}
	if got := conn.LocalAddr().String(); got != "192.0.2.2:6379" {
		t.Errorf("the client connected to %s", got)
	}
	first := make([]byte, 6)
	if _, err := io.ReadFull(conn, first); err != nil || string(first) != "PING\r\n" {
		t.Errorf("%q, %v", first, err)
	}
}

// Who says nothing delays nobody, and is closed when his time is up, or at the stop.
func TestSlowPeers(t *testing.T) {
	for name, timeout := range map[string]time.Duration{"when its time is up": time.Millisecond, "at the stop": time.Minute} {
		t.Run(name, func(t *testing.T) {
			c := loopback()
			c.Timeout = config.Duration(timeout)
			tr, conns := New(c, here), make(acceptor)
			if err := tr.Start(t.Context(), conns); err != nil {
				t.Fatal(err)
			}
			slow, err := net.Dial("tcp", tr.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = slow.Close() }()
			if timeout == time.Minute {
				quick, err := introduced(tr, "")
				if err != nil {
					t.Fatal(err)
				}
				_ = (<-conns).Close()
				_ = quick.Close()
				if err := tr.Stop(context.Background()); err != nil {
					t.Error(err)
				}
			}
			if _, err := slow.Read(make([]byte, 1)); err == nil {
				t.Error("it was sent something")
			}
			if err := tr.Stop(context.Background()); err != nil && !errors.Is(err, net.ErrClosed) {
				t.Error(err)
			}
		})
	}
}

func TestStrangersAndNonsenseAreClosed(t *testing.T) {
	stranger := loopback()
	stranger.From = []string{"192.0.2.0/24"}
	for name, x := range map[string]struct {
		config *Config
		says   string
	}{
		"no header":                   {loopback(), "PING\r\n"},
		"a header of another version": {loopback(), signature2 + "\x31\x11\x00\x00"},
		"a stranger":                  {stranger, introduction},
	} {
		t.Run(name, func(t *testing.T) {
			tr, _ := started(t, x.config)
			conn, err := net.Dial("tcp", tr.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			_, _ = conn.Write([]byte(x.says)) // it may be closed already
			if _, err := conn.Read(make([]byte, 1)); err == nil {
				t.Error("it was answered")
			}
		})
	}
}

func TestConfig(t *testing.T) {
	if err := NewConfig().Validate(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	err := (&Config{Listen: "here", From: []string{"10.0.0.0/8", "somewhere"}, Timeout: 0}).Validate()
	if err == nil {
		t.Fatal("no error")
	}
	for _, part := range []string{"listen: ", `from: "somewhere"`, "timeout: 0s"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v lacks %s", err, part)
		}
	}
}
