package server

import "net"

// await waits as the session says, holding no more than it has to, and says
// whether the conversation goes on.
//
// A client in a blocking command, or held by a pause, goes when it closes its
// side, as it does in Redis; what was held is not executed. A socket is watched
// for that all the time; below TLS it is while the client waits.
func (c *conn) await() (more bool) {
	if c.raw == nil {
		if fd, ok := descriptor(c.nc); ok && c.server.hangups().add(fd, c) {
			defer c.server.hangups().remove(fd, c)
		}
	}
	paused := !c.session.Client.Waiting()
	c.ws.Shrink()
	c.noteWaiting()
	c.session.Await(c.left, c.gone)
	c.worksOn()
	return !paused || !c.hup.Load()
}

// left says that nobody waits for the reply.
func (c *conn) left() bool { return c.dead.Load() || c.hup.Load() }

// gone says the same, or that the server ends.
func (c *conn) gone() bool { return c.left() || c.server.Draining() }

// descriptor is that of the socket below a connection. It stays open while the
// connection is.
func descriptor(nc net.Conn) (fd int, ok bool) {
	if below, is := nc.(interface{ NetConn() net.Conn }); is {
		nc = below.NetConn()
	}
	raw := rawConn(nc)
	if raw == nil {
		return 0, false
	}
	err := raw.Control(func(d uintptr) { fd = int(d) })
	return fd, err == nil
}
