package session

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Pool lends workspaces. A few that were given back keep their buffers, as many
// as the processors can be busy with; the others keep none.
type Pool struct {
	shared *Shared
	warm   []shelf       // a power of two
	near   sync.Pool     // of the shelves that each processor used last
	turn   atomic.Uint32 // the shelf for a processor that has none near
	cold   sync.Pool     // workspaces without buffers
}

// shelf is a place for workspaces that keep their buffers. There are several so
// that threads rarely meet at one.
type shelf struct {
	mu   sync.Mutex
	n    int
	have [shelfSize]*Workspace
	_    [24]byte // keeps neighbours' locks off this cache line
}

const shelfSize = 4

// NewPool makes a pool for sessions of sh.
func NewPool(sh *Shared) *Pool {
	n := 1
	for n < runtime.GOMAXPROCS(0) {
		n *= 2
	}
	return &Pool{shared: sh, warm: make([]shelf, n)}
}

// Get lends a workspace.
func (p *Pool) Get() *Workspace {
	if ws := p.fromShelf(); ws != nil {
		return ws
	}
	ws, _ := p.cold.Get().(*Workspace)
	if ws == nil {
		ws = newWorkspace(p.shared)
	}
	ws.equip()
	return ws
}

// Put takes a workspace back, which must be Idle.
func (p *Pool) Put(ws *Workspace) {
	ws.trim()
	ws.equip()
	if !p.toShelf(ws) {
		ws.strip()
		p.cold.Put(ws)
	}
}

// nearest is the shelf that this processor used last, most likely: what lies there
// is in its cache.
func (p *Pool) nearest() *shelf {
	if s, _ := p.near.Get().(*shelf); s != nil {
		return s
	}
	return &p.warm[int(p.turn.Add(1))&(len(p.warm)-1)]
}

func (p *Pool) fromShelf() *Workspace {
	s := p.nearest()
	ws := s.take()
	for i := 0; ws == nil && i < len(p.warm); i++ {
		ws = p.warm[i].take()
	}
	p.near.Put(s)
	return ws
}

func (p *Pool) toShelf(ws *Workspace) bool {
	s := p.nearest()
	ok := s.put(ws)
	for i := 0; !ok && i < len(p.warm); i++ {
		ok = p.warm[i].put(ws)
	}
	p.near.Put(s)
	return ok
}

// take returns a workspace, nil if there is none or somebody else is there.
func (s *shelf) take() (ws *Workspace) {
	if s.mu.TryLock() {
		if s.n > 0 {
			s.n--
			ws = s.have[s.n]
		}
		s.mu.Unlock()
	}
	return ws
}

func (s *shelf) put(ws *Workspace) (ok bool) {
	if s.mu.TryLock() {
		if ok = s.n < shelfSize; ok {
			s.have[s.n] = ws
			s.n++
		}
		s.mu.Unlock()
	}
	return ok
}
