package server

import (
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/redistill-go/redistill/core/session"
)

// conn serves one connection.
type conn struct {
	server  *Server
	nc      net.Conn
	session *session.Session
	// ws is lent from the pool while there is something to do.
	ws *session.Workspace

	raw   syscall.RawConn // nil: not a socket
	below syscall.RawConn // the socket below a stream, nil if there is none
	ahead []byte          // what a stream has read while its client waited
	fd    int             // the socket's descriptor, good while it is used; -1: not known yet
	// probing says that a read which did not fill its buffer is followed by
	// another one before waiting: see hangups.
	probing bool
	watched bool        // hangups knows that the connection is awake
	resting bool        // it is to be parked when it has nothing to do
	woken   int64       // when it was last, in ms since the Unix epoch
	parked  atomic.Bool // it has no goroutine
	hup     atomic.Bool // the client has closed its side
	lost    atomic.Bool // the connection is closed in both directions
	// leave says that it is the server who ends the conversation.
	leave bool
	// unseen says that others don't see the client any more. It is the registry's,
	// under its lock.
	unseen bool
	trial  trial

	wire    sync.Mutex // held while the connection is written to: see outbox
	out     outbox
	dead    atomic.Bool // it was cut
	account account
	passing bool                          // it has the gate
	onCut   atomic.Pointer[chan struct{}] // closed when it is cut while it waits for the gate
	unread  atomic.Int64                  // bytes of replies that wait for the client to read
	arrived atomic.Int64                  // bytes of a request that has not arrived whole
	shownFD int                           // the descriptor, for CLIENT LIST; 0: not known
	// softSince is since when more is unread than the soft limit, in ns since the
	// Unix epoch; 0: it is not.
	softSince atomic.Int64
}

func newConn(s *Server, nc net.Conn, kind string) *conn {
	c := &conn{server: s, nc: nc, fd: -1, resting: true, session: session.New(s.shared)}
	cl := &c.session.Client
	cl.Addr, cl.LocalAddr, cl.Transport = address(nc.RemoteAddr(), nc.LocalAddr()), address(nc.LocalAddr(), nil), kind
	_, cl.Unix = nc.LocalAddr().(*net.UnixAddr)
	// Without it the connection is read like any stream.
	if c.raw = rawConn(nc); c.raw != nil {
		c.shownFD = descriptor(c.raw)
	} else if stream, ok := nc.(interface{ NetConn() net.Conn }); ok {
		c.below = rawConn(stream.NetConn())
	}
	cl.SetLink(c)
	c.session.Grows, c.session.Reserves = c.beforeGrowth, c.reserve
	return c
}

// rawConn is access to a connection's socket, nil if it is not one. A transport's own
// connection may have a socket too, by embedding it: it is read and written by its own
// methods nevertheless, which may do more than the socket's.
func rawConn(nc net.Conn) syscall.RawConn {
	var sc syscall.Conn
	switch nc := nc.(type) {
	case *net.TCPConn:
		sc = nc
	case *net.UnixConn:
		sc = nc
	default:
		return nil
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}

// address is how CLIENT LIST shows an end of a connection. The client's end of
// a unix socket has no name: Redis shows the server's.
func address(a, instead net.Addr) string {
	if u, ok := a.(*net.UnixAddr); ok {
		if instead != nil && (u.Name == "" || u.Name == "@") {
			a = instead
		}
		return a.String() + ":0"
	}
	return a.String()
}

// serve talks to the client until one side has had enough, or the connection is
// parked.
func (c *conn) serve() {
	if c.server.Draining() {
		c.readUntil(time.Now().Add(drainTime))
	}
	err := c.begin()
	if err == nil {
		err = c.converse()
	}
	c.stop(err)
}

// converse reads and answers until the end, or until the connection is parked.
func (c *conn) converse() error {
	if c.raw != nil {
		return c.serveSocket()
	}
	return c.serveStream()
}

// stop ends the connection, unless it is parked: then it belongs to somebody else.
// Giving back what the client held may take long, and nobody waits for it.
func (c *conn) stop(err error) {
	if errors.Is(err, errParked) {
		return
	}
	if c.holdsMuch() {
		c.noteWaiting() // for its turn
		c.session.Turn.Work()
	}
	c.end(err)
	s := c.server
	c.out.close(s.shared.Buffers)
	c.ended()
	s.clients.remove(c, s.MaxClients())
	s.shared.Env.Stats.ConnectionsCurrent.Add(-1)
	s.conns.Done()
}

// holdsMuch says whether giving back what the connection holds may take long.
func (c *conn) holdsMuch() bool {
	held := c.account.sum() + c.account.owed.Load()
	if c.ws != nil {
		_, input, output := c.ws.Held()
		held += int64(input + output)
	}
	return held >= longRequest
}

// end ends the conversation.
func (c *conn) end(err error) {
	defer c.trial.end()
	if c.server.Draining() && errors.Is(err, os.ErrDeadlineExceeded) {
		c.leave, err = true, nil
	}
	if err != nil {
		c.server.log.Debug("connection ends", "client", c.session.Client.Addr, "err", err)
	}
	c.afterGrowth()
	if c.fd >= 0 {
		c.server.hangups().remove(c.fd, c)
	}
	if c.ws != nil {
		c.session.Abandon(c.ws)
		c.release()
	}
	c.server.clients.leave(c)
	c.session.End()
	c.session.Turn.End(false) // what follows may wait for the client
	if c.leave {
		c.linger()
	}
	c.cut()
}

// A client that the server leaves has so long, and may send so much more,
// before it is cut off.
const (
	lingerTime  = 500 * time.Millisecond
	lingerBytes = 1 << 20
)

// linger ends the conversation without losing the last replies: closing a
// socket that has unread input resets the connection, and with it goes what
// the client has not read yet. So the server stops talking, and listens until
// the client has closed its side too.
func (c *conn) linger() {
	half, ok := c.nc.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	c.readUntil(time.Now().Add(lingerTime))
	var ignored [4096]byte
	for left := lingerBytes; left > 0; {
		n, err := c.nc.Read(ignored[:])
		if left -= n; err != nil {
			return
		}
	}
}

// longRequest is how many bytes of a request make it one that may come to hold much.
const longRequest = 64 << 10

// lend makes sure that there is a workspace, with what was half done in it.
func (c *conn) lend() *session.Workspace {
	if c.ws == nil {
		if c.arrived.Load() >= longRequest {
			c.beforeGrowth(0)
		}
		c.ws = c.server.pool.Get()
		c.session.Resume(c.ws)
	}
	return c.ws
}

// release gives the workspace back.
func (c *conn) release() {
	c.server.pool.Put(c.ws)
	c.ws = nil
}

// idle gives the workspace back before the connection waits for the client to
// send.
func (c *conn) idle() {
	if c.ws != nil {
		c.session.Settle(c.ws)
		c.release()
		c.noteWaiting()
		c.afterGrowth()
	}
	c.session.Turn.End(c.arrived.Load() >= longRequest)
}

// handle executes what n bytes have completed and sends the replies. It says
// whether the conversation goes on.
func (c *conn) handle(n int) (more bool, err error) {
	c.ws.Filled(n)
	for {
		if c.dead.Load() {
			return false, nil
		}
		c.lockWire()
		next := c.session.Run(c.ws)
		c.afterGrowth()
		if next == session.Close {
			c.partFrom()
		} else if c.onTrial() {
			c.judge()
		}
		err := c.send()
		c.session.Sent(c.ws)
		if err == nil {
			err = c.flushPushes(c.writePush)
		}
		c.wire.Unlock()
		c.sendLate()
		c.leave = next == session.Close
		switch {
		case err != nil || next == session.Close || next == session.Read:
			return next == session.Read, err
		case next == session.Hold && !c.await():
			return false, nil
		}
		c.session.Turn.Step()
	}
}

// readUntil makes reads fail from a time on.
func (c *conn) readUntil(t time.Time) {
	// It fails for a connection that is closed, which needs no deadline.
	_ = c.nc.SetReadDeadline(t)
}

// cut ends the connection at once, whatever its goroutine waits for, if it has one.
func (c *conn) cut() {
	c.condemn()
	c.server.clients.leave(c)
	c.server.shared.Env.Pauses.Wake()
	c.session.Client.Unblock(false)
	// The client may have closed it already, which is as well.
	_ = c.nc.Close()
	c.wake()
}
