package store

import "math/rand/v2"

// Memory is what the store holds, in bytes.
type Memory struct {
	Allocated int64 // blocks in use: entries and indexes, rounded to size classes
	Used      int64 // Allocated and the free blocks between them
	Resident  int64 // Used and huge pages that were touched and not yet returned
	Overhead  int64 // outside the arena, as last told to SetOverhead
	Limit     int64 // 0: none
}

// Memory reports what the store holds now.
func (st *Store) Memory() Memory {
	return Memory{
		Allocated: st.arena.Allocated(),
		Used:      st.arena.Used(),
		Resident:  st.arena.Resident(),
		Overhead:  st.overhead.Load(),
		Limit:     st.maxMemory.Load(),
	}
}

// SetMaxMemory changes the limit in bytes; 0: none.
func (st *Store) SetMaxMemory(n int64) { st.maxMemory.Store(n) }

// SetOverhead tells how many bytes the process holds outside the store's
// arena; they count against the limit.
func (st *Store) SetOverhead(n int64) { st.overhead.Store(n) }

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
	over := func() bool { return st.arena.Allocated()+st.overhead.Load() > limit }
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

// evictOne removes the entry that the policy ranks highest among some drawn at
// random. It fails if no shard has an entry that the policy would evict.
func (st *Store) evictOne(now int64) bool {
	start := rand.IntN(len(st.shards))
	for i := range st.shards {
		if st.shards[(start+i)%len(st.shards)].evictOne(now) {
			return true
		}
	}
	return false
}

func (sh *Shard) evictOne(now int64) bool {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	p := sh.st.policy.Load()
	if p == nil || sh.count == 0 {
		return false
	}
	t := sh.tab.Load()
	var victim Entry
	var highest uint64
	found := false
	// Neighbours in the order of a seeded hash are as good as random draws. An
	// entry that the policy doesn't take is no draw, so all may be looked at.
	start := t.used(rand.IntN(len(t.slots)))
	for i, seen, taken := start, 0, 0; seen < sh.count && taken < p.Samples(); seen++ {
		if i < 0 {
			i = t.used(0)
		}
		e := sh.entry(t.slots[i], i)
		c := Candidate{Recency: e.Recency(), ExpireAt: e.ExpireAt(), Size: e.Footprint()}
		rank, ok := p.Rank(c, now)
		if e.expired(now) {
			rank, ok = ^uint64(0), true
		}
		if ok {
			taken++
			if !found || rank > highest {
				victim, highest, found = e, rank, true
			}
		}
		i = t.used(i + 1)
	}
	if found {
		if victim.expired(now) {
			sh.expire(victim)
			return true
		}
		sh.evicted++
		sh.remove(victim, Evicted)
	}
	return found
}
