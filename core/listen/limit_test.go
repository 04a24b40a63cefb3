package listen

import (
	"errors"
	"net"
	"testing"
)

// One more connection than there are places for waits until another is closed, and
// closing the listener ends the wait.
func TestLimit(t *testing.T) {
	ln, err := TCP(t.Context(), Endpoint{Module: "transport.x", Address: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	l := Limit(ln, 1)
	accepted := make(chan net.Conn)
	ended := make(chan error)
	go func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				ended <- err
				return
			}
			accepted <- nc
		}
	}()
	dial := func() net.Conn {
		nc, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = nc.Close() })
		return nc
	}
	dial()
	first := <-accepted
	second := dial()
	if _, err := second.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	select {
	case <-accepted:
		t.Fatal("there was no place for the second")
	default:
	}
	for range 2 { // the second time changes nothing
		_ = first.Close()
	}
	nc := <-accepted
	defer func() { _ = nc.Close() }()
	if nc.RemoteAddr().String() != second.LocalAddr().String() {
		t.Errorf("%v was accepted", nc.RemoteAddr())
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept: %v", err)
	}
}
