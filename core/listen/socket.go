// Package listen is what transports and other modules with a socket share:
// checking an address, binding it with an error that says what to do, and
// serving it from a goroutine that ends when the socket is closed.
//
// Concurrency: a Socket is opened and closed by one goroutine; Addr may be
// called from any goroutine in between and afterwards.
package listen

import (
	"context"
	"fmt"
	"net"
)

// Socket is a bound listening socket and the goroutine that serves it. A nil
// Socket is one that was never opened: it has no address and closes at once.
type Socket struct {
	ln   net.Listener
	done chan struct{}
	err  error // what serve returned; to be read once done is closed
}

// Serve runs serve on ln in a goroutine of its own. serve must return nil once
// ln has been closed.
func Serve(ln net.Listener, serve func(net.Listener) error) *Socket {
	s := &Socket{ln: ln, done: make(chan struct{})}
	go func() {
		defer close(s.done)
		s.err = serve(ln)
	}()
	return s
}

// Addr is the bound address.
func (s *Socket) Addr() net.Addr {
	if s == nil {
		return nil
	}
	return s.ln.Addr()
}

// Close closes the socket, waits until serve has returned, and returns what it
// returned. When ctx ends first, the socket is closed and only the goroutine
// is left behind.
func (s *Socket) Close(ctx context.Context) error {
	if s == nil {
		return nil
	}
	// A second close, or one after serve closed the socket itself, changes
	// nothing, and there is no other way for closing to fail.
	_ = s.ln.Close()
	select {
	case <-s.done:
		return s.err
	case <-ctx.Done():
		return fmt.Errorf("listener on %s still being served: %w", s.ln.Addr(), ctx.Err())
	}
}
