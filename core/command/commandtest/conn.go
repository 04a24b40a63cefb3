package commandtest

import (
	"slices"
	"testing"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/session"
)

// Conn is one client of a Server. Its Client is what commands see of it.
type Conn struct {
	*session.Session
	Workspace *session.Workspace
	server    *Server
}

// Do executes one request and returns the reply in the form that scripts have it, as
// in "*2\n:1\n$1\nx\n".
func (c *Conn) Do(args ...string) string { return Show(c.exec(Bytes(args...))) }

// Raw executes one request and returns the reply as it goes over the wire.
func (c *Conn) Raw(args ...string) string { return string(c.exec(Bytes(args...))) }

// Want fails the test unless the reply to a request goes over the wire like this.
func (c *Conn) Want(t testing.TB, reply string, args ...string) {
	t.Helper()
	if got := c.Raw(args...); got != reply {
		t.Errorf("%.100q: got %.200q, want %.200q", args, got, reply)
	}
}

func (c *Conn) exec(request [][]byte) []byte {
	reply, _ := c.Send(Encode(request))
	return reply
}

// Send executes whatever requests the input has, and says whether the connection is
// closed behind them. The replies are valid until the next call.
func (c *Conn) Send(input []byte) (replies []byte, closed bool) { return c.Feed(c.Workspace, input) }

// Leave ends the session as the driver of a connection does.
func (c *Conn) Leave() {
	s := c.server
	s.mu.Lock()
	s.clients = slices.DeleteFunc(s.clients, func(other *command.Client) bool { return other == &c.Client })
	s.mu.Unlock()
	c.Abandon(c.Workspace)
	s.pool.Put(c.Workspace)
	c.End()
}

// Step is a request at a moment, and its reply in the form of scripts. It has no name
// of its own, so that rows of a table need not name the fields.
type Step = struct {
	At    int64 // ms since Walk began
	Args  []string
	Reply string
}

// Walk executes the steps and fails the test for each reply that is another.
func (s *Server) Walk(t testing.TB, steps []Step) {
	t.Helper()
	start := s.Now.Load()
	for _, x := range steps {
		s.Now.Store(start + x.At)
		if got := s.Do(x.Args...); got != x.Reply {
			t.Errorf("after %d ms %.100q: got %.200q, want %.200q", x.At, x.Args, got, x.Reply)
		}
	}
}
