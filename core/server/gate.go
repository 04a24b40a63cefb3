package server

import "time"

// gate keeps clients from growing faster than room is made for them.
//
// A connection that was cut gives back what it held when its goroutine has its
// turn, and one that grows is counted when it waits. Where all hold nearly as much
// as they may, that is too late: each of many large replies would be made before
// the first one is gone. So those that are about to grow pass one by one then, and
// the next one only when what the one before has come to hold is counted and what
// was cut is gone. Commands that are quick pass by.
type gate struct{ place chan struct{} }

func newGate() gate { return gate{make(chan struct{}, 1)} }

// pass waits until the connection has the gate, or was cut: then nobody may wait
// for what it holds.
func (g gate) pass(c *conn) bool {
	select {
	case g.place <- struct{}{}:
		return true
	default:
	}
	cut := make(chan struct{})
	c.onCut.Store(&cut)
	defer c.onCut.Store(nil)
	if c.dead.Load() {
		return false
	}
	select {
	case g.place <- struct{}{}:
		return true
	case <-cut:
		return false
	}
}

// How near to the limit clients pass one by one, and how far beyond it what was cut
// is waited for, both as parts of the limit, one in so many; and how long a client
// waits at most, since what it waits for needs no one but the scheduler.
const (
	nearLimit   = 4
	beyondLimit = 16
	gateTime    = time.Second
	gateLook    = 200 * time.Microsecond
)

// weight is what clients hold: what was noted, with those that were cut and have
// not ended, or all buffers and what the store has lent, those at work included.
func (s *Server) weight() int64 {
	noted := s.accounts.total.Load() + s.accounts.dying.Load()
	return max(noted, s.shared.Buffers.Held()+s.shared.Env.Store.Lent())
}

// beforeGrowth lets the connection go on when it may come to hold much: n bytes
// more, or 0 if that is not known. It is called where nothing is locked, by the
// connection's own goroutine.
func (c *conn) beforeGrowth(n int64) {
	s := c.server
	limit := s.MemoryLimit()
	if limit == 0 || n > limit || c.passing || s.weight()+n < limit-limit/nearLimit {
		return
	}
	if c.passing = s.gate.pass(c); !c.passing {
		return // it was cut
	}
	s.heedFor(n)
	for begin := time.Now(); s.weight()+n > limit+limit/beyondLimit && s.accounts.dying.Load() > 0; {
		if time.Since(begin) > gateTime {
			break
		}
		time.Sleep(gateLook)
	}
}

// afterGrowth counts what the connection holds and lets the next one grow.
func (c *conn) afterGrowth() {
	if c.passing {
		c.noteWaiting()
		c.passing = false
		<-c.server.gate.place
	}
}
