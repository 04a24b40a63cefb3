package tcp

import (
	"errors"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/transport"
	"github.com/redistill-go/redistill/core/transport/transporttest"
)

// here is where the module stands in a configuration without instances of it.
var here = module.Place{ID: ID, Section: "transports.tcp"}

func TestConformance(t *testing.T) {
	transporttest.Run(t, transporttest.Kit{
		New: func(_ *testing.T, address string) (transport.Listener, transporttest.Dial) {
			c := NewConfig()
			if c.Listen = address; address == "" {
				c.Listen = "127.0.0.1:0"
			}
			tr := New(c, here)
			return tr, func() (net.Conn, error) { return net.Dial("tcp", tr.Addr().String()) }
		},
		Off: func(*testing.T) transport.Listener {
			c := NewConfig()
			c.Listen = ""
			return New(c, here)
		},
	})
}

func TestDefaults(t *testing.T) {
	c := NewConfig()
	if c.Listen != "127.0.0.1:6379" || time.Duration(c.Keepalive) != 5*time.Minute || !c.Nodelay {
		t.Errorf("defaults %+v", c)
	}
	if err := c.Validate(); err != nil {
		t.Errorf("the defaults are not valid: %v", err)
	}
}

func TestValidateReportsEveryKey(t *testing.T) {
	err := (&Config{Listen: "localhost", Keepalive: config.Duration(time.Millisecond)}).Validate()
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"listen: \"localhost\" is not an address", "keepalive: 1ms is not in the range"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q lacks %q", err, want)
		}
	}
	for _, k := range []time.Duration{-time.Second, maxKeepalive + 1} {
		if err := (&Config{Keepalive: config.Duration(k)}).Validate(); err == nil {
			t.Errorf("keepalive %v is accepted", k)
		}
	}
	for _, c := range []Config{{}, {Listen: ":0", Keepalive: config.Duration(maxKeepalive)}} {
		if err := c.Validate(); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestTakenAddress(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	err = New(&Config{Listen: taken.Addr().String()}, here).Start(t.Context(), &transporttest.Echo{})
	want := "transport.tcp: cannot listen on " + taken.Addr().String() + ": address already in use; " +
		"stop the process that uses it or set transports.tcp.listen to another address"
	if err == nil || err.Error() != want || !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("error\n%v\nwant\n%v", err, want)
	}
}
