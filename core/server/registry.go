package server

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/redistill-go/redistill/core/command"
)

// registry is the set of open connections. It implements command.Clients, to
// which a connection that the server has decided to close is gone already: it
// still has its last replies to read, but it is no client that anybody could
// want to reach. It takes up a place among the open ones until it is closed.
type registry struct {
	mu     sync.Mutex
	byID   map[int64]*conn
	peak   int // of their number since byID was made
	unseen int // of those
	lastID int64
	kept   *conn // has the place kept for an administrator; nil: it is free
}

func newRegistry() *registry { return &registry{byID: map[int64]*conn{}} }

// add gives the connection its ID and a place: an ordinary one while fewer than
// limit are taken, else the one that is kept, if mayKeep says that the connection
// may have it and nobody has or all that its holder does is be silent. The holder
// who has to make room is returned, to be closed.
func (r *registry) add(c *conn, limit int, mayKeep bool, now time.Time) (ok bool, displaced *conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ordinary() >= limit {
		if !mayKeep || r.kept != nil && !r.kept.silentSince(now.Add(-keptSilence)) {
			return false, nil
		}
		displaced, r.kept = r.kept, c
		c.session.Client.Keep()
	}
	r.lastID++
	c.session.Client.ID = r.lastID
	r.byID[r.lastID] = c
	r.peak = max(r.peak, len(r.byID))
	return true, displaced
}

// ordinary is how many ordinary places are taken.
func (r *registry) ordinary() int {
	if r.kept != nil {
		return len(r.byID) - 1
	}
	return len(r.byID)
}

// leave takes the connection from the sight of others.
func (r *registry) leave(c *conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !c.unseen && r.byID[c.session.Client.ID] == c {
		c.unseen = true
		r.unseen++
	}
}

// remove ends add.
func (r *registry) remove(c *conn, limit int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c.unseen {
		r.unseen--
	}
	delete(r.byID, c.session.Client.ID)
	r.shrink()
	if r.kept == c {
		r.kept = nil
	}
	r.move(limit)
}

// A map keeps the room that it once had. One that has had many more than it has is
// made anew, which costs each of those that left a part of one.
const (
	shrinkFrom = 1024
	shrinkPart = 8
)

func (r *registry) shrink() {
	if r.peak >= shrinkFrom && len(r.byID) < r.peak/shrinkPart {
		r.byID, r.peak = maps.Collect(maps.All(r.byID)), len(r.byID)
	}
}

// promote is called when limit has changed.
func (r *registry) promote(limit int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.move(limit)
}

// move moves who has the kept place to an ordinary one, if one is free.
func (r *registry) move(limit int) {
	if r.kept != nil && r.ordinary() < limit {
		r.kept.session.Client.Promote()
		r.kept = nil
	}
}

// conns calls f for every open connection in the order of their IDs, without
// holding the lock.
func (r *registry) conns(f func(*conn)) { r.each(true, f) }

func (r *registry) each(gone bool, f func(*conn)) {
	r.mu.Lock()
	all := make([]*conn, 0, len(r.byID))
	for _, c := range r.byID {
		if gone || !c.unseen {
			all = append(all, c)
		}
	}
	r.mu.Unlock()
	slices.SortFunc(all, func(a, b *conn) int { return int(a.session.Client.ID - b.session.Client.ID) })
	for _, c := range all {
		f(c)
	}
}

// Each implements command.Clients.
func (r *registry) Each(f func(*command.Client)) {
	r.each(false, func(c *conn) { f(&c.session.Client) })
}

// Find implements command.Clients.
func (r *registry) Find(id int64) *command.Client {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c := r.byID[id]; c != nil && !c.unseen {
		return &c.session.Client
	}
	return nil
}

// Count implements command.Clients.
func (r *registry) Count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.byID) - r.unseen
}
