package server

import (
	"slices"
	"sync"

	"github.com/redistill-go/redistill/core/command"
)

// registry is the set of open connections. It implements command.Clients, to
// which a connection that the server has decided to close is gone already: it
// still has its last replies to read, but it is no client that anybody could
// want to reach. It takes up a place among the open ones until it is closed.
type registry struct {
	mu     sync.Mutex
	byID   map[int64]*conn
	unseen int // of those
	lastID int64
}

func newRegistry() *registry { return &registry{byID: map[int64]*conn{}} }

// add gives the connection its ID, unless there are limit already.
func (r *registry) add(c *conn, limit int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.byID) >= limit {
		return false
	}
	r.lastID++
	c.session.Client.ID = r.lastID
	r.byID[r.lastID] = c
	return true
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
func (r *registry) remove(c *conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c.unseen {
		r.unseen--
	}
	delete(r.byID, c.session.Client.ID)
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
