package server

import (
	"slices"
	"sync"

	"github.com/redistill-go/redistill/core/command"
)

// registry is the set of open connections. It implements command.Clients.
type registry struct {
	mu     sync.Mutex
	byID   map[int64]*conn
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

func (r *registry) remove(c *conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.byID, c.session.Client.ID)
}

// conns calls f for every connection in the order of their IDs, without
// holding the lock.
func (r *registry) conns(f func(*conn)) {
	r.mu.Lock()
	all := make([]*conn, 0, len(r.byID))
	for _, c := range r.byID {
		all = append(all, c)
	}
	r.mu.Unlock()
	slices.SortFunc(all, func(a, b *conn) int { return int(a.session.Client.ID - b.session.Client.ID) })
	for _, c := range all {
		f(c)
	}
}

// Each implements command.Clients.
func (r *registry) Each(f func(*command.Client)) {
	r.conns(func(c *conn) { f(&c.session.Client) })
}

// Find implements command.Clients.
func (r *registry) Find(id int64) *command.Client {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c := r.byID[id]; c != nil {
		return &c.session.Client
	}
	return nil
}

// Count implements command.Clients.
func (r *registry) Count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.byID)
}
