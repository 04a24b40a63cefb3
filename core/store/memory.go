package store

import (
	"context"
	"math"
)

// Memory is what the store holds, in bytes.
type Memory struct {
	Allocated int64 // blocks in use: entries and indexes, rounded to size classes
	Used      int64 // Allocated and the free blocks between them
	Resident  int64 // Used and huge pages that were touched and not yet returned
	Overhead  int64 // outside the arena: as last told to SetOverhead, and Order
	Order     int64 // what the eviction policy keeps beside the entries
	Limit     int64 // 0: none
}

// Memory reports what the store holds now.
func (st *Store) Memory() Memory {
	return Memory{
		Allocated: st.arena.Allocated(),
		Used:      st.arena.Used(),
		Resident:  st.arena.Resident(),
		Overhead:  st.overhead.Load() + st.orderBytes.Load(),
		Order:     st.orderBytes.Load(),
		Limit:     st.maxMemory.Load(),
	}
}

// SetMaxMemory changes the limit in bytes; 0: none.
func (st *Store) SetMaxMemory(n int64) {
	st.maxMemory.Store(n)
	st.refit()
}

// SetOverhead tells how many bytes the process holds outside the store's
// arena; they count against the limit.
func (st *Store) SetOverhead(n int64) { st.overhead.Store(n) }

// Populate keeps a little memory backed ahead of need until ctx ends, so that
// no write waits for the system. It runs in one goroutine, which must have
// ended before Close. See arena.Arena.Populate.
func (st *Store) Populate(ctx context.Context) { st.arena.Populate(ctx, st.aheadRoom) }

// aheadRoom is how much memory may be backed before it is needed: at most a
// thirty-second of the limit, and never beyond it.
func (st *Store) aheadRoom() int64 {
	limit := st.maxMemory.Load()
	if limit == 0 {
		return math.MaxInt64
	}
	return min(limit/32, limit-st.arena.Resident()-st.overhead.Load())
}

// Trim returns unused memory to the operating system.
func (st *Store) Trim() (int64, error) { return st.arena.Trim() }

// evictAtOnce bounds how many entries one write evicts, so that no writer pays
// for all the others; a write of a large value may need more than one entry.
const evictAtOnce = 64

// Admit makes room for a write by evicting entries and says whether memory is
// under the limit, or at least fell by as much as one write may pay for. No
// shard may be locked by the caller.
func (st *Store) Admit(now int64) bool {
	limit := st.maxMemory.Load()
	if limit == 0 {
		return true
	}
	over := func() bool { return st.arena.Allocated()-st.Kept()+st.overhead.Load()+st.orderBytes.Load() > limit }
	for n := 0; over(); n++ {
		if n >= evictAtOnce {
			return true
		}
		if !st.evictOne(now) {
			return false
		}
	}
	return true
}
