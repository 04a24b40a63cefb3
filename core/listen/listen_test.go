package listen

import (
	"context"
	"errors"
	"net"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/redistill-go/redistill/core/config"
)

func TestCheckAddress(t *testing.T) {
	for _, good := range []string{"127.0.0.1:6379", ":6379", "[::1]:0", "cache.internal:65535", "*:6379", "[fe80::1%eth0]:1"} {
		if err := CheckAddress("listen", good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"127.0.0.1", "6379", "::1:6379", "localhost:redis", "localhost:65536", "localhost:-1", "localhost:"} {
		var field *config.FieldError
		if err := CheckAddress("listen", bad); !errors.As(err, &field) {
			t.Errorf("%q: %v, want a FieldError", bad, err)
		} else if field.Key != "listen" || field.Fix == "" {
			t.Errorf("%q: %+v: key or fix missing", bad, field)
		}
	}
}

func TestBindErrorsSayWhatToDo(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	for _, c := range []struct {
		address string
		cause   error
		says    string
	}{
		{taken.Addr().String(), syscall.EADDRINUSE, "stop the process that uses it or set transports.x.listen to another address"},
		{"192.0.2.1:0", syscall.EADDRNOTAVAIL, "this machine has no such address"},
	} {
		ln, err := TCP(t.Context(), Endpoint{Module: "transport.x", Key: "transports.x.listen", Address: c.address})
		if err == nil {
			_ = ln.Close()
			t.Errorf("%s: bound", c.address)
			continue
		}
		want := "transport.x: cannot listen on " + c.address + ": " + c.cause.Error() + "; "
		if !errors.Is(err, c.cause) || !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v\nwant %s… %s", err, want, c.says)
		}
	}
	for cause, says := range map[error]string{
		syscall.EACCES:    "a port from 1024 up",
		errors.New("odd"): "set transports.x.listen to an address of this machine",
	} {
		err := failed(Endpoint{Module: "transport.x", Key: "transports.x.listen", Address: ":1"}, &net.OpError{Op: "listen", Err: cause})
		if !errors.Is(err, cause) || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q in it", err, says)
		}
	}
}

// A socket is of the family that its address is of, and one that is for IPv6 does
// not take IPv4 as well unless no host was named.
func TestAddressesMeanWhatTheySay(t *testing.T) {
	if ln, err := net.Listen("tcp6", "[::1]:0"); err == nil {
		_ = ln.Close()
	} else {
		t.Logf("this machine has no IPv6 (%v): only IPv4 is looked at", err)
	}
	for address, want := range map[string]struct {
		network, bind  string
		family, v6only int
	}{
		"0.0.0.0:0":            {"tcp4", "0.0.0.0:0", unix.AF_INET, 0},
		"*:0":                  {"tcp4", "0.0.0.0:0", unix.AF_INET, 0},
		"127.0.0.1:0":          {"tcp4", "127.0.0.1:0", unix.AF_INET, 0},
		"[::ffff:127.0.0.1]:0": {"tcp4", "127.0.0.1:0", unix.AF_INET, 0},
		"[::]:0":               {"tcp6", "[::]:0", unix.AF_INET6, 1},
		"[::1]:0":              {"tcp6", "[::1]:0", unix.AF_INET6, 1},
		":0":                   {"tcp", ":0", unix.AF_INET6, 0},
		"localhost:0":          {"tcp", "localhost:0", unix.AF_INET, 0},
	} {
		if network, bind := resolve(address); network != want.network || bind != want.bind {
			t.Errorf("%s: %s %s, want %s %s", address, network, bind, want.network, want.bind)
		}
		ln, err := TCP(t.Context(), Endpoint{Module: "transport.x", Key: "transports.x.listen", Address: address})
		if want.family == unix.AF_INET6 && (errors.Is(err, syscall.EAFNOSUPPORT) || errors.Is(err, syscall.EADDRNOTAVAIL)) {
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		raw, err := ln.(*net.TCPListener).SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		family, v6only := 0, 0
		if err := raw.Control(func(fd uintptr) {
			family, _ = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_DOMAIN)
			v6only, _ = unix.GetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_V6ONLY)
		}); err != nil {
			t.Fatal(err)
		}
		if host, _, _ := net.SplitHostPort(address); host == "" && family == unix.AF_INET {
			t.Logf("%s: this machine has no IPv6", address)
		} else if family != want.family || v6only != want.v6only {
			t.Errorf("%s: family %d, IPv6 alone %d; want %d and %d", address, family, v6only, want.family, want.v6only)
		}
		if err := ln.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestSocketReturnsWhatServeReturned(t *testing.T) {
	ln, err := TCP(t.Context(), Endpoint{Module: "transport.x", Address: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	s := Serve(ln, func(net.Listener) error { return broken })
	if s.Addr().String() != ln.Addr().String() {
		t.Errorf("address %v, want %v", s.Addr(), ln.Addr())
	}
	if err := s.Close(t.Context()); !errors.Is(err, broken) {
		t.Errorf("Close: %v, want %v", err, broken)
	}
}

func TestSocketCloseGivesUpWithItsContext(t *testing.T) {
	ln, err := TCP(t.Context(), Endpoint{Module: "transport.x", Address: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	release := make(chan struct{})
	s := Serve(ln, func(net.Listener) error { <-release; return nil })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Close(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Close: %v, want %v", err, context.Canceled)
	}
	close(release)
	if err := s.Close(t.Context()); err != nil {
		t.Errorf("Close once served: %v", err)
	}
}

func TestNilSocket(t *testing.T) {
	var s *Socket
	if s.Addr() != nil {
		t.Errorf("address %v, want none", s.Addr())
	}
	if err := s.Close(t.Context()); err != nil {
		t.Errorf("Close: %v", err)
	}
}
