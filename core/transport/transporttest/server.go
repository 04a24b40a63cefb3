package transporttest

import (
	"errors"
	"io"
	"net"
	"sync"
)

// Echo is a transport.Server that sends back what it receives.
//
// Concurrency: all methods may be called from any goroutine.
type Echo struct {
	mu      sync.Mutex
	kinds   []string
	serving int
	conns   map[net.Conn]struct{}
	clients sync.WaitGroup
}

// Serve accepts connections until l is closed.
func (e *Echo) Serve(l net.Listener, kind string) error {
	e.mu.Lock()
	e.kinds = append(e.kinds, kind)
	e.serving++
	e.mu.Unlock()
	defer func() {
		e.mu.Lock()
		e.serving--
		e.mu.Unlock()
	}()
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		e.mu.Lock()
		if e.conns == nil {
			e.conns = map[net.Conn]struct{}{}
		}
		e.conns[conn] = struct{}{}
		e.mu.Unlock()
		e.clients.Add(1)
		go e.echo(conn)
	}
}

func (e *Echo) echo(conn net.Conn) {
	defer e.clients.Done()
	// It ends with the connection, whichever side ends that; a test sees a
	// broken echo at its own end.
	_, _ = io.Copy(conn, conn)
	_ = conn.Close()
	e.mu.Lock()
	delete(e.conns, conn)
	e.mu.Unlock()
}

// Serving is how many calls of Serve have not returned.
func (e *Echo) Serving() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.serving
}

// Kinds lists the kind that each call of Serve was given.
func (e *Echo) Kinds() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string(nil), e.kinds...)
}

// Close ends all connections and returns when their goroutines have ended. It
// is to be called after the listeners have been closed.
func (e *Echo) Close() {
	e.mu.Lock()
	for conn := range e.conns {
		_ = conn.Close()
	}
	e.mu.Unlock()
	e.clients.Wait()
}
