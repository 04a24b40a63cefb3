package session

import (
	"math/rand/v2"
	"runtime"
	"sync"
)

// Pool lends workspaces. A few that were given back keep their buffers, as many
// as the processors can be busy with; the others keep none.
type Pool struct {
	shared *Shared
	warm   []shelf   // a power of two
	cold   sync.Pool // without buffers
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

func (p *Pool) fromShelf() *Workspace {
	start := rand.IntN(len(p.warm))
	for i := range p.warm {
		s := &p.warm[(start+i)&(len(p.warm)-1)]
		if !s.mu.TryLock() {
			continue
		}
		if s.n > 0 {
			s.n--
			ws := s.have[s.n]
			s.mu.Unlock()
			return ws
		}
		s.mu.Unlock()
	}
	return nil
}

func (p *Pool) toShelf(ws *Workspace) bool {
	start := rand.IntN(len(p.warm))
	for i := range p.warm {
		s := &p.warm[(start+i)&(len(p.warm)-1)]
		if !s.mu.TryLock() {
			continue
		}
		if s.n < shelfSize {
			s.have[s.n] = ws
			s.n++
			s.mu.Unlock()
			return true
		}
		s.mu.Unlock()
	}
	return false
}
