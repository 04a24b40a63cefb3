package server

// gate keeps clients from growing faster than room is made for them.
//
// A connection that was cut gives back what it held when its goroutine has its
// turn, and one that grows is counted when it waits. Where all hold nearly as much
// as they may, that is too late: each of many large replies would be made before
// the first one is gone. So those that are about to grow pass one by one then, and
// the next one only when what the one before has come to hold is counted and what
// was cut is gone. Commands that are quick pass by.
type gate struct {
	place chan struct{}
	gone  chan struct{} // told when a connection that was cut has given back what it held
}

func newGate() gate { return gate{make(chan struct{}, 1), make(chan struct{}, 1)} }

// pass waits until the connection has the gate, or was cut: then nobody may wait
// for what it holds.
func (g gate) pass(c *conn) bool {
	select {
	case g.place <- struct{}{}:
		return true
	default:
	}
	cut, heard := c.hear()
	defer heard()
	select {
	case g.place <- struct{}{}:
		return true
	case <-cut:
		return false
	}
}

// await waits, for whoever has the gate, until clients hold no more than they may
// with n bytes beside it, or nothing more can come back, or it was cut itself. There
// is no limit to how long: what it waits for are connections that were cut, which
// wait for nobody but their turn.
func (g gate) await(c *conn, n, limit int64) {
	s := c.server
	full := func() bool { return s.weight()+n > limit+limit/beyondLimit && s.accounts.dying.Load() > 0 }
	if !full() {
		return
	}
	cut, heard := c.hear()
	defer heard()
	for full() {
		select {
		case <-g.gone:
		case <-cut:
			return
		}
	}
}

// tell wakes whoever awaits something.
func (g gate) tell() {
	select {
	case g.gone <- struct{}{}:
	default:
	}
}

// hear makes a channel that is closed when the connection is cut, until heard is
// called. What it waits for meanwhile others do who may wait for a place.
func (c *conn) hear() (cut <-chan struct{}, heard func()) {
	c.session.Turn.Pause()
	ch := make(chan struct{})
	c.onCut.Store(&ch)
	if c.dead.Load() && c.onCut.CompareAndSwap(&ch, nil) {
		close(ch) // it may have been too early to be told
	}
	return ch, func() { c.onCut.Store(nil); c.session.Turn.Begin() }
}

// How near to the limit clients pass one by one, and how far beyond it what was cut
// is waited for, both as parts of the limit, one in so many.
const (
	nearLimit   = 4
	beyondLimit = 16
)

// weight is what clients hold: what was noted, with those that were cut and have
// not ended, or all buffers and what the store has lent, those at work included,
// with what was reserved and is not taken yet.
func (s *Server) weight() int64 {
	noted := s.accounts.total.Load() + s.accounts.dying.Load() + s.shared.Env.Tracking.Bytes()
	taken := s.shared.Buffers.Held() + s.shared.Env.Store.Lent() + s.accounts.of[kindWork].Load()
	return max(noted, taken)
}

// near says whether clients hold nearly as much as they may with n bytes more.
func (s *Server) near(n, limit int64) bool { return s.weight()+n >= limit-limit/nearLimit }

// beforeGrowth lets the connection go on when it may come to hold much: n bytes
// more, or 0 if that is not known. It is called where nothing is locked, by the
// connection's own goroutine.
func (c *conn) beforeGrowth(n int64) {
	s := c.server
	limit := s.MemoryLimit()
	if limit == 0 || n > limit || c.passing || !s.near(n, limit) {
		return
	}
	if c.passing = s.gate.pass(c); !c.passing {
		return // it was cut
	}
	s.makeRoom(n)
	s.gate.await(c, n, limit)
}

// reserve lets the connection take n bytes for a request, before it does, and says
// whether it may: what it holds is counted with them, so that the clients that hold
// most are closed if it is too much for all, and it does not go on before they have
// given it back; or it is one of them.
func (c *conn) reserve(n int64) bool {
	s := c.server
	limit := s.MemoryLimit()
	if limit == 0 {
		return true
	}
	c.noteWaiting()
	if !c.passing {
		c.note(kindWork, n)
		if !s.near(0, limit) {
			return !c.dead.Load()
		}
		c.note(kindWork, 0) // it may have to wait, and has taken nothing yet
		if c.passing = s.gate.pass(c); !c.passing {
			return false
		}
	}
	c.note(kindWork, n)
	s.makeRoom(0)
	s.gate.await(c, 0, limit)
	return !c.dead.Load()
}

// afterGrowth counts what the connection holds and lets the next one grow.
func (c *conn) afterGrowth() {
	worked := c.account.of[kindWork].Load() > 0
	if !worked && !c.passing {
		return
	}
	c.note(kindWork, 0)
	c.noteWaiting()
	if c.passing {
		c.passing = false
		<-c.server.gate.place
	}
}

// beforeRead is for a connection that reads on without having waited: a request
// that arrives faster than it is read is counted, and lets others pass, too.
func (c *conn) beforeRead() {
	if c.ws == nil {
		return
	}
	if waiting, _ := c.ws.Input(); waiting >= longRequest {
		c.noteWaiting()
		c.beforeGrowth(0)
	}
}
