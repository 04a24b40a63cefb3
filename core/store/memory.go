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
	Lent      int64 // of the arena, to clients: see Store.Lent
	Counted   int64 // what counts against Limit: Allocated and Overhead, less what is not data
	Limit     int64 // 0: none
}

// Memory reports what the store holds now.
func (st *Store) Memory() Memory {
	return Memory{
		Allocated: st.arena.Allocated(),
		Used:      st.arena.Used(),
		Resident:  st.arena.Resident(),
		Overhead:  st.outside(),
		Order:     st.evictor.queueBytes.Load(),
		Lent:      st.Lent(),
		Counted:   st.used(),
		Limit:     st.maxMemory.Load(),
	}
}

// SetMaxMemory changes the limit in bytes; 0: none.
func (st *Store) SetMaxMemory(n int64) {
	st.maxMemory.Store(n)
	st.evictor.refit()
	st.evictor.exhausted.Store(0)
	st.press()
}

// SetOverhead tells how many bytes the process itself holds outside the store's
// blocks, whatever its clients do; they count against the limit.
func (st *Store) SetOverhead(n int64) { st.overhead.Store(n) }

// Bookkeeping is what of the overhead is the store's own, in bytes.
func (st *Store) Bookkeeping() int64 { return st.arena.Overhead() }

// Populate keeps a little memory backed ahead of need until ctx ends, so that
// no write waits for the system. It runs in one goroutine, which must have
// ended before Close. See arena.Arena.Populate.
func (st *Store) Populate(ctx context.Context) { st.arena.Populate(ctx, st.aheadRoom) }

// aheadRoom is how much memory may be backed before it is needed: at most a
// thirty-second of the limit, and not so much that it would have to be returned.
func (st *Store) aheadRoom() int64 {
	limit := st.maxMemory.Load()
	if limit == 0 {
		return math.MaxInt64
	}
	return min(limit/32, marksOf(limit).over-st.busy()-st.arena.Spare())
}

// Trim returns unused memory to the operating system.
func (st *Store) Trim() (int64, error) { return st.arena.Trim(0) }

// outside is what is held beside the arena's pages.
func (st *Store) outside() int64 { return st.overhead.Load() + st.evictor.queueBytes.Load() }

// Lent is what of the arena clients hold, in bytes: values that are still arriving,
// and such as replies point to that are no longer the store's. It does not count
// against the limit, since evicting keys would not make it less.
func (st *Store) Lent() int64 { return st.lent.Load() + st.arena.Dead() }

// used is what counts against the limit.
func (st *Store) used() int64 {
	return st.arena.Allocated() - st.Kept() - st.leaving.Load() - st.lent.Load() + st.outside()
}

// held is what the huge pages take in which something is used, less what is lent,
// kept for a snapshot or being given back and goes by itself.
func (st *Store) held() int64 {
	return st.arena.Resident() - st.arena.Spare() - st.Kept() - st.leaving.Load() - st.Lent()
}

// busy is what the process holds, less huge pages that are free.
func (st *Store) busy() int64 { return st.held() + st.outside() }

// marks are amounts of memory, in bytes, from which on something is done.
type marks struct {
	// Of what is used: eviction in the background begins at high and goes down
	// to low; at full writers evict; beyond last they are refused where nothing
	// can be evicted, so that those that were let in stay below the limit.
	low, high, full, last int64
	// Of what is held: compaction begins at loose, and at tight writers help;
	// at over they wait longer for it, and unused memory is returned.
	loose, tight, over int64
}

// marksOf gives the marks for a limit. What is used stays within the last four
// hundredths of it: as much as is written while the background, which has to
// share the processors, does not run. What is held may be more by what
// fragmentation costs and what lies ready for new blocks: a tenth of the limit at
// most, of which the marks leave some for what was written while memory was
// being freed.
func marksOf(limit int64) marks {
	return marks{
		low: limit - limit/28, high: limit - limit/32, full: limit - limit/67, last: limit - limit/256,
		loose: limit + limit/40 + 1<<20, tight: limit + limit/20 + 2<<20, over: limit + limit*3/40 + 3<<20,
	}
}
