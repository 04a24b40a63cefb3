package server

import (
	"net"
	"time"

	"github.com/redistill-go/redistill/core/command"
)

// One place more than max_clients is kept for an administrator, who connects from
// this machine: see command.Client.Keep. Who says nothing at all has lost it after
// keptPatience; one who has fallen silent makes room for the next after
// keptSilence.
const (
	keptPatience = 2 * time.Second
	keptSilence  = 10 * time.Second
)

// refusals is how many clients that are too many are told so at once. Talking to
// them takes descriptors and, below TLS, a handshake; more are closed without a
// word.
const refusals = 16

// refuseTime bounds how long a client that is one too many is talked to.
const refuseTime = time.Second

// accept gives the connection a place and serves it, or refuses it.
func (s *Server) accept(nc net.Conn, kind string) {
	st := s.shared.Env.Stats
	st.ConnectionsReceived.Add(1)
	c := newConn(s, nc, kind)
	ok, displaced := s.clients.add(c, s.MaxClients(), fromHere(nc), time.Now())
	if displaced != nil {
		displaced.Kill()
	}
	if !ok {
		st.ConnectionsRejected.Add(1)
		s.refuse(nc)
		return
	}
	st.ConnectionsCurrent.Add(1)
	s.accounts.open()
	s.conns.Add(1)
	go c.serve()
}

// fromHere says whether a connection comes from this machine.
func fromHere(nc net.Conn) bool {
	switch a := nc.RemoteAddr().(type) {
	case *net.UnixAddr:
		return true
	case *net.TCPAddr:
		return a.IP.IsLoopback()
	}
	return false
}

// refuse tells a client that it is one too many.
func (s *Server) refuse(nc net.Conn) {
	select {
	case s.refusing <- struct{}{}:
		go func() {
			sayTooMany(nc)
			<-s.refusing
		}()
	default:
		_ = nc.Close()
	}
}

func sayTooMany(nc net.Conn) {
	// The client may have gone already, which is as well.
	_ = nc.SetDeadline(time.Now().Add(refuseTime))
	_, _ = nc.Write([]byte("-" + command.TooManyClients + "\r\n"))
	_ = nc.Close()
}

// turnAway refuses a client that has the kept place and has not said a word.
func (c *conn) turnAway() {
	if !c.session.Client.Kept() || !c.wire.TryLock() {
		return // it has another place now, or is talking
	}
	defer c.wire.Unlock()
	c.condemn()
	c.server.clients.leave(c)
	c.server.shared.Env.Stats.ConnectionsRejected.Add(1)
	sayTooMany(c.nc)
	c.wake()
}

// silentSince says whether the client has sent nothing since then.
func (c *conn) silentSince(t time.Time) bool { return c.session.Client.Active.Load() < t.UnixMilli() }
