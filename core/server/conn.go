package server

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/redistill-go/redistill/core/session"
)

// conn serves one connection.
type conn struct {
	server  *Server
	nc      net.Conn
	reader  reader
	session *session.Session
	// until is when the connection is no longer read from, in ns since the
	// Unix epoch; 0: it is not draining.
	until atomic.Int64
}

// reader waits for bytes from the client.
type reader interface {
	// read reads into the workspace, which it takes from the pool when ws is
	// nil and there is something to read, and may give back while there is
	// nothing, if it is idle. It returns the workspace that the bytes are in.
	read(ws *session.Workspace) (*session.Workspace, int, error)
}

func newConn(s *Server, nc net.Conn, kind string) *conn {
	c := &conn{server: s, nc: nc, session: session.New(s.shared)}
	cl := &c.session.Client
	cl.Addr, cl.LocalAddr, cl.Transport = address(nc.RemoteAddr(), nc.LocalAddr()), address(nc.LocalAddr(), nil), kind
	c.reader = newReader(nc, s.pool)
	return c
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

// serve reads, runs and writes until the client or the server has had enough.
func (c *conn) serve() {
	var ws *session.Workspace
	defer func() {
		c.session.Abandon(ws)
		if ws != nil {
			c.server.pool.Put(ws)
		}
		// The client may have closed it already, which is as well.
		_ = c.nc.Close()
	}()
	if c.server.Draining() {
		c.readUntil(time.Now().Add(drainTime))
	}
	for {
		var n int
		var err error
		if ws, n, err = c.reader.read(ws); err != nil {
			if !errors.Is(err, io.EOF) && !c.server.Draining() {
				c.server.log.Debug("connection ends", "client", c.session.Client.Addr, "err", err)
			}
			return
		}
		ws.Filled(n)
		for next := session.Flush; next == session.Flush; {
			next = c.session.Run(ws)
			err := c.send(ws)
			c.session.Sent(ws)
			if err != nil || next == session.Close {
				return
			}
		}
	}
}

// send writes the replies.
func (c *conn) send(ws *session.Workspace) error {
	if b, ok := ws.Plain(); ok {
		if len(b) == 0 {
			return nil
		}
		_, err := c.nc.Write(b)
		return err
	}
	var all net.Buffers
	if err := ws.Output(func(b []byte) error { all = append(all, b); return nil }); err != nil {
		return err
	}
	_, err := all.WriteTo(c.nc)
	return err
}

// readUntil makes reads fail from a time on.
func (c *conn) readUntil(t time.Time) {
	// It fails for a connection that is closed, which needs no deadline.
	_ = c.nc.SetReadDeadline(t)
}

// cut ends the connection at once, whatever its goroutine waits for.
func (c *conn) cut() { _ = c.nc.Close() }
