package store

import (
	"context"
	"math"
	"sync/atomic"
	"time"

	"github.com/redistill-go/redistill/core/store/waits"
)

// Room is the memory of a store, which is kept within its limit. Its methods are the
// store's, and any goroutine may call them.
type Room struct {
	st *Store

	maxMemory atomic.Int64 // the limit; 0: none
	// What is held, in bytes.
	overhead atomic.Int64 // outside the arena, as last told to SetOverhead
	lent     atomic.Int64 // by staged values that no entry has yet
	copies   atomic.Int64 // by copies for a view that were not freed yet
	leaving  atomic.Int64 // of removed keys, and being given back

	pressed chan struct{} // holds a token when memory is due to be freed
	waits   waits.Counter
}

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
func (r *Room) Memory() Memory {
	return Memory{
		Allocated: r.st.arena.Allocated(),
		Used:      r.st.arena.Used(),
		Resident:  r.st.arena.Resident(),
		Overhead:  r.outside(),
		Order:     r.st.Evictor.queueBytes.Load(),
		Lent:      r.Lent(),
		Counted:   r.used(),
		Limit:     r.maxMemory.Load(),
	}
}

// SetMaxMemory changes the limit in bytes; 0: none.
func (r *Room) SetMaxMemory(n int64) {
	r.maxMemory.Store(n)
	r.st.Evictor.refit()
	r.st.Evictor.exhausted.Store(0)
	r.press()
}

// SetOverhead tells how many bytes the process itself holds outside the store's
// blocks, whatever its clients do; they count against the limit.
func (r *Room) SetOverhead(n int64) { r.overhead.Store(n) }

// Bookkeeping is what of the overhead is the store's own, in bytes.
func (r *Room) Bookkeeping() int64 { return r.st.arena.Overhead() }

// Populate keeps a little memory backed ahead of need until ctx ends, so that
// no write waits for the system. It runs in one goroutine, which must have
// ended before Close. See arena.Arena.Populate.
func (r *Room) Populate(ctx context.Context) { r.st.arena.Populate(ctx, r.aheadRoom) }

// aheadRoom is how much memory may be backed before it is needed: at most a
// thirty-second of the limit, and not so much that it would have to be returned.
func (r *Room) aheadRoom() int64 {
	limit := r.maxMemory.Load()
	if limit == 0 {
		return math.MaxInt64
	}
	return min(limit/32, marksOf(limit).most-r.occupied()-r.st.arena.Spare())
}

// Trim returns unused memory to the operating system.
func (r *Room) Trim() (int64, error) { return r.st.arena.Trim(0) }

// outside is what is held beside the arena's pages.
func (r *Room) outside() int64 { return r.overhead.Load() + r.st.Evictor.queueBytes.Load() }

// Lent is what of the arena clients hold, in bytes: values that are still arriving,
// and such as replies point to that are no longer the store's. It does not count
// against the limit, since evicting keys would not make it less.
func (r *Room) Lent() int64 { return r.lent.Load() + r.st.arena.Dead() }

// used is what counts against the limit.
func (r *Room) used() int64 {
	return r.st.arena.Allocated() - r.Kept() - r.leaving.Load() - r.lent.Load() + r.outside()
}

// held is what the huge pages take in which something is used, less what is lent,
// kept for a snapshot or being given back and goes by itself.
func (r *Room) held() int64 {
	return r.st.arena.Resident() - r.st.arena.Spare() - r.Kept() - r.leaving.Load() - r.Lent()
}

// occupied is what the process holds, less huge pages that are free.
func (r *Room) occupied() int64 { return r.held() + r.outside() }

// Kept is how many bytes of Memory.Allocated are copies for a snapshot that is
// under way. They go by themselves.
func (r *Room) Kept() int64 { return r.copies.Load() }

// Held is what the store holds of the machine's memory, in bytes, by what for.
// Every byte is in one field.
type Held struct {
	Entries       int64 // keys and values
	Index         int64
	Policy        int64 // what the eviction policy keeps beside the entries
	Kept          int64 // copies for the snapshot that is being written
	Leaving       int64 // of removed keys, and being given back
	Arriving      int64 // values that no key has yet: see Stage
	Unread        int64 // values that no key has any more, but replies: see Lent
	Fragmentation int64 // free between entries
	Spare         int64 // huge pages that are free
	Bookkeeping   int64 // of the arena, about its pages
}

// Held adds up what the store holds, each part at its own moment. It takes no lock.
func (r *Room) Held() Held {
	h := Held{
		Policy: r.st.Evictor.queueBytes.Load(), Kept: r.Kept(), Leaving: r.leaving.Load(), Arriving: r.lent.Load(),
		Unread: r.st.arena.Dead(), Spare: r.st.arena.Spare(), Bookkeeping: r.st.arena.Overhead(),
	}
	for i := range r.st.shards {
		h.Index += int64(r.st.shards[i].tab.Load().Bytes())
	}
	allocated := r.st.arena.Allocated()
	h.Entries = max(allocated-h.Index-h.Kept-h.Leaving-h.Arriving, 0)
	h.Fragmentation = max(r.st.arena.Resident()-h.Spare-allocated-h.Unread, 0)
	return h
}

// marks are amounts of memory, in bytes, from which on something is done.
type marks struct {
	// Of what is used: eviction in the background begins at high and goes down
	// to low; at full writers evict; beyond last they are refused where nothing
	// can be evicted, so that those that were let in stay below the limit.
	low, high, full, last int64
	// Of what is occupied: compaction begins at compact, and at help writers help;
	// at most they wait longer for it, and unused memory is returned.
	compact, help, most int64
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
		compact: limit + limit/40 + 1<<20, help: limit + limit/20 + 2<<20, most: limit + limit*3/40 + 3<<20,
	}
}

// Waits is how often something took how long.
type Waits = waits.Waits

// WaitBounds are the upper bounds of the buckets of Waits, ascending.
func WaitBounds() []time.Duration { return waits.Bounds() }

// Waits is how long single commands made room in memory before they ran:
// evicted, or helped to compact. A command that found room is not counted.
func (r *Room) Waits() Waits { return r.waits.Read() }

// Holds is how long compaction kept one shard locked, which is what a command
// may have waited for beside Waits.
func (r *Room) Holds() Waits { return r.st.compactor.holds.Read() }
