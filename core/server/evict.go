package server

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redistill-go/redistill/core/command"
)

// eviction closes the clients that hold most where all together hold more than
// they may, as Redis does by maxmemory-clients.
type eviction struct {
	limit atomic.Int64 // bytes; 0: none
	mu    sync.Mutex   // held by whoever looks for them
	quiet quieted
}

// slack is the part of the limit by which more is freed than must be, one in so
// many: looking for who holds most means looking at all.
const slack = 32

// MemoryLimit is what all clients together may hold, in bytes; 0: as much as they
// want.
func (s *Server) MemoryLimit() int64 { return s.evict.limit.Load() }

// SetMemoryLimit changes what all clients together may hold.
func (s *Server) SetMemoryLimit(n int64) {
	s.evict.limit.Store(n)
	if b := s.shared.Buffers; b != nil {
		b.SetLimit(n + n/beyondLimit)
	}
	s.fitReplies()
	s.heed()
}

// heed closes clients if all together hold too much. Whoever notices does not wait
// for that: it need not be one of those that hold much.
func (s *Server) heed() {
	if s.overLimit(0) > 0 && s.evict.mu.TryLock() {
		go s.closeAllOver()
	}
}

// closeAllOver is heed for who has s.evict.
func (s *Server) closeAllOver() {
	// Whoever comes to hold more while somebody looks is seen the next time round.
	for s.closeOver(0) && s.overLimit(0) > 0 && s.evict.mu.TryLock() {
	}
}

// makeRoom is heed for somebody who is about to hold n bytes more and goes on only
// when those that must be are closed, whoever closes them.
func (s *Server) makeRoom(n int64) {
	for s.overLimit(n) > 0 {
		s.evict.mu.Lock()
		if !s.closeOver(n) {
			return
		}
	}
}

// closeOver closes clients as long as all hold too much with n bytes more, and
// unlocks s.evict. It says whether there were any that may be closed.
func (s *Server) closeOver(n int64) bool {
	over := s.overLimit(n)
	closed, freed := s.closeLargest(over)
	s.evict.mu.Unlock()
	if closed == 0 {
		return over <= 0 // all that is left may not be closed
	}
	s.shared.Env.Stats.EvictedClients.Add(int64(closed))
	if count, due := s.evict.quiet.due(int64(closed), time.Now()); due {
		s.log.Warn("clients were closed that held most memory, since all held more than they may",
			"closed", count, "freed_last", freed, "limit", s.MemoryLimit())
	}
	return true
}

// overLimit is by how much more than they may all clients hold with n bytes beside
// it, and with what is remembered of what they have read; 0 or less: by none.
func (s *Server) overLimit(n int64) int64 {
	if limit := s.evict.limit.Load(); limit != 0 {
		return s.accounts.total.Load() + s.shared.Env.Tracking.Bytes() + n - limit
	}
	return 0
}

// closeLargest closes the clients that hold most, so that over bytes are freed and
// a little more.
func (s *Server) closeLargest(over int64) (n int, freed int64) {
	if over <= 0 {
		return 0, 0
	}
	type holder struct {
		c    *conn
		held int64
	}
	var all []holder
	s.clients.conns(func(c *conn) {
		if !c.dead.Load() && c.session.Client.ShownMode()&command.ModeNoEvict == 0 {
			all = append(all, holder{c, c.account.sum()})
		}
	})
	slices.SortFunc(all, func(a, b holder) int { return cmp.Compare(b.held, a.held) })
	for over += s.MemoryLimit() / slack; n < len(all) && freed < over; n++ {
		freed += all[n].held
		all[n].c.Kill()
	}
	return n, freed
}

// quieted keeps a log line that could come often to one in quietTime.
type quieted struct {
	last  atomic.Int64 // in ns since the Unix epoch
	count atomic.Int64
}

const quietTime = time.Second

// due adds n to what is to be logged and says whether now is the time, and how
// much has come together.
func (q *quieted) due(n int64, now time.Time) (count int64, due bool) {
	q.count.Add(n)
	last := q.last.Load()
	if now.UnixNano()-last < int64(quietTime) || !q.last.CompareAndSwap(last, now.UnixNano()) {
		return 0, false
	}
	return q.count.Swap(0), true
}
