package listen

import (
	"context"
	"errors"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/redistill-go/redistill/core/config"
)

func TestCheckAddress(t *testing.T) {
	for _, good := range []string{"127.0.0.1:6379", ":6379", "[::1]:0", "cache.internal:65535"} {
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
