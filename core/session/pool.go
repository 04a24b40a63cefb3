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
// that threads rarely meet at one. None of them waits there.
type shelf struct {
	have [shelfSize]atomic.Pointer[Workspace]
	_    [32]byte // keeps neighbours off this cache line
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
	s := p.nearest()
	ws := p.take(s)
	if ws == nil {
		if ws, _ = p.cold.Get().(*Workspace); ws == nil {
			ws = newWorkspace(p.shared)
		}
		ws.equip()
	}
	ws.shelf = s
	return ws
}

// Put takes a workspace back, which must be Idle.
func (p *Pool) Put(ws *Workspace) {
	ws.trim()
	ws.equip()
	s := ws.shelf
	if !p.put(s, ws) {
		ws.strip()
		p.cold.Put(ws)
	}
	p.near.Put(s)
}

// nearest is the shelf that this processor used last, most likely: what lies there
// is in its cache. It goes with the workspace that is lent, and back with it.
func (p *Pool) nearest() *shelf {
	if s, _ := p.near.Get().(*shelf); s != nil {
		return s
	}
	return &p.warm[int(p.turn.Add(1))&(len(p.warm)-1)]
}

// take returns a workspace of s, or else of another shelf; nil: there is none.
func (p *Pool) take(s *shelf) *Workspace {
	ws := s.take()
	for i := 0; ws == nil && i < len(p.warm); i++ {
		ws = p.warm[i].take()
	}
	return ws
}

// put puts a workspace on s, or else on another shelf, if there is room.
func (p *Pool) put(s *shelf, ws *Workspace) bool {
	ok := s.put(ws)
	for i := 0; !ok && i < len(p.warm); i++ {
		ok = p.warm[i].put(ws)
	}
	return ok
}

func (s *shelf) take() *Workspace {
	for i := range s.have {
		if place := &s.have[i]; place.Load() != nil {
			if ws := place.Swap(nil); ws != nil {
				return ws
			}
		}
	}
	return nil
}

func (s *shelf) put(ws *Workspace) bool {
	for i := range s.have {
		if place := &s.have[i]; place.Load() == nil && place.CompareAndSwap(nil, ws) {
			return true
		}
	}
	return false
}
