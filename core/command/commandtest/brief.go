package commandtest

import (
	"testing"

	"github.com/redistill-go/redistill/core/command"
)

// checkBrief checks that a brief command allocates nothing between the bytes of a request
// that succeeds and those of the reply.
func checkBrief(t testing.TB, s *Server, c *command.Command) {
	if !c.Brief {
		return
	}
	for _, request := range requests(c) {
		setUp(s, request)
		p := s.Join()
		if reply := p.Raw(request...); reply[0] == '-' {
			p.Leave()
			continue
		}
		if n := p.allocs(request); n != 0 {
			t.Errorf("%.100q: %v allocations", request, n)
		}
		p.Leave()
	}
}

// allocs is how often memory is allocated to execute a request, at best.
func (c *Conn) allocs(request []string) float64 {
	input := Encode(Bytes(request...))
	run := func() {
		c.Workspace.Filled(copy(c.Workspace.ReadBuf(), input))
		c.Run(c.Workspace)
		c.Sent(c.Workspace)
	}
	least := testing.AllocsPerRun(20, run)
	for try := 0; least > 0 && try < 3; try++ { // what others allocate meanwhile counts too
		least = min(least, testing.AllocsPerRun(20, run))
	}
	return least
}
