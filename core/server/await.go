package server

import "syscall"

// await waits as the session says, holding no more than it has to, and says
// whether the conversation goes on.
//
// A client in a blocking command, or held by a pause, goes when it closes its
// side, as it does in Redis; what was held is not executed. A socket is watched
// for that all the time; a stream is, and is read, while the client waits.
func (c *conn) await() (more bool) {
	if c.raw == nil {
		c.watchBelow()
		defer c.readAhead()()
	}
	paused := !c.session.Client.Waiting()
	c.ws.Shrink()
	c.noteWaiting()
	c.session.Turn.Pause()
	c.session.Await(c.left, c.gone)
	c.worksOn()
	return !paused || !c.hup.Load()
}

// left says that nobody waits for the reply.
func (c *conn) left() bool { return c.dead.Load() || c.hup.Load() }

// gone says the same, or that the server ends.
func (c *conn) gone() bool { return c.left() || c.server.Draining() }

// descriptor is that of a socket. It stays open while the connection is.
func descriptor(raw syscall.RawConn) (fd int) {
	if err := raw.Control(func(d uintptr) { fd = int(d) }); err != nil {
		return 0
	}
	return fd
}
