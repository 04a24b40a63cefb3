package proxyprotocol

import (
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"
)

// maxIntroductions is how many connections may be about to say whose they are. More
// wait in the system's queue, for as long as the timeout at most.
const maxIntroductions = 256

// listener accepts the connections of another one and hands over those that have said
// whose they are, in the order in which they did: whoever is slow delays nobody else.
type listener struct {
	net.Listener
	trusted networks
	timeout time.Duration

	accepted chan accepted
	places   chan struct{} // has an element for each connection that is not introduced
	closed   chan struct{}
	running  sync.WaitGroup

	mu      sync.Mutex
	pending map[net.Conn]struct{} // nil: closed
}

// accepted is what Accept returns.
type accepted struct {
	conn net.Conn
	err  error
}

func newListener(ln net.Listener, trusted networks, timeout time.Duration) *listener {
	l := &listener{
		Listener: ln, trusted: trusted, timeout: timeout,
		accepted: make(chan accepted), places: make(chan struct{}, maxIntroductions), closed: make(chan struct{}),
		pending: map[net.Conn]struct{}{},
	}
	l.running.Go(l.run)
	return l
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case a := <-l.accepted:
		return a.conn, a.err
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener. Connections that Accept has not returned are closed.
func (l *listener) Close() error {
	l.mu.Lock()
	if l.pending == nil {
		l.mu.Unlock()
		return net.ErrClosed
	}
	for conn := range l.pending {
		_ = conn.Close()
	}
	l.pending = nil
	close(l.closed)
	l.mu.Unlock()
	err := l.Listener.Close()
	l.running.Wait()
	return err
}

// run accepts until the end. An error that is not the end is the server's to look at,
// who waits a little before it accepts again.
func (l *listener) run() {
	for {
		select {
		case l.places <- struct{}{}:
		case <-l.closed:
			return
		}
		conn, err := l.Listener.Accept()
		if err != nil {
			<-l.places
			if errors.Is(err, net.ErrClosed) || !l.give(accepted{err: err}) {
				return
			}
			continue
		}
		l.running.Go(func() {
			l.introduce(conn.(*net.TCPConn))
			<-l.places
		})
	}
}

// give says whether somebody has taken it.
func (l *listener) give(a accepted) bool {
	select {
	case l.accepted <- a:
		return true
	case <-l.closed:
		return false
	}
}

// introduce finds out whose a connection is and hands it over, or closes it.
func (l *listener) introduce(conn *net.TCPConn) {
	if !l.enter(conn) {
		_ = conn.Close()
		return
	}
	client, err := l.listen(conn)
	l.leave(conn)
	if err != nil {
		// Anybody can cause as many as he likes: this is nothing for a log in service.
		slog.Debug("a connection is closed that doesn't say whose it is", "module", ID, "peer", conn.RemoteAddr(), "error", err)
	}
	if err != nil || !l.give(accepted{conn: client}) {
		_ = conn.Close()
	}
}

// listen reads the header.
func (l *listener) listen(conn *net.TCPConn) (*proxied, error) {
	if peer := conn.RemoteAddr().(*net.TCPAddr).AddrPort().Addr(); !l.trusted.have(peer) {
		return nil, errors.New("its address is not one of a load balancer: see transports.proxyprotocol.from")
	}
	if err := conn.SetReadDeadline(time.Now().Add(l.timeout)); err != nil {
		return nil, err
	}
	ends, err := readHeader(conn)
	if err != nil {
		return nil, err
	}
	c := &proxied{TCPConn: conn, remote: conn.RemoteAddr(), local: conn.LocalAddr()}
	if ends.client.IsValid() {
		c.remote, c.local = net.TCPAddrFromAddrPort(ends.client), net.TCPAddrFromAddrPort(ends.server)
	}
	return c, conn.SetReadDeadline(time.Time{})
}

// enter says whether the listener is open; then Close ends the connection.
func (l *listener) enter(conn net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pending == nil {
		return false
	}
	l.pending[conn] = struct{}{}
	return true
}

func (l *listener) leave(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.pending, conn)
}

// proxied is a connection with the ends that the load balancer told.
type proxied struct {
	*net.TCPConn
	remote, local net.Addr
}

// RemoteAddr is the client's address.
func (c *proxied) RemoteAddr() net.Addr { return c.remote }

// LocalAddr is the address that the client connected to.
func (c *proxied) LocalAddr() net.Addr { return c.local }

// NetConn is the socket, which has nothing that this connection has read already: the
// server may watch it while the client is silent.
func (c *proxied) NetConn() net.Conn { return c.TCPConn }
