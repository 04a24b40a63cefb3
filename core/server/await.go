package server

import "net"

// await waits as the session says, holding nothing.
//
// A client in a blocking command goes when it closes its side, as it does in
// Redis. A socket is watched for that all the time; below TLS it is while the
// client waits.
func (c *conn) await() {
	if c.raw == nil && c.session.Client.Waiting() {
		if fd, ok := descriptor(c.nc); ok && c.server.hangups().add(fd, c) {
			defer c.server.hangups().remove(fd, c)
		}
	}
	c.session.Await(c.dead.Load, c.gone)
}

// gone says that nobody waits for the reply, or that the server ends.
func (c *conn) gone() bool { return c.dead.Load() || c.hup.Load() || c.server.Draining() }

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
