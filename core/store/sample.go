package store

import (
	"math"
	"math/rand/v2"
)

const (
	// fewPerSample is how many entries a shard has for each sample that is
	// drawn from it at once. Neighbours in the order of a seeded hash are as
	// good as random draws, but not if there are hardly more.
	fewPerSample = 16
	// lookPerSample is how many entries are looked at for each sample that the
	// policy would evict, before the search goes on from where an earlier one
	// stopped.
	lookPerSample = 16
	// searchStep is how many entries a search looks at under one lock.
	searchStep = 256
	// maxDraws is how often a draw may miss before the lengths of the indexes
	// are looked at anew. About half of the draws hit.
	maxDraws = 64
	// meanOf is how many evictions the mean of their ranks is of, about.
	meanOf = 64
	// expiredRank makes what has expired go first.
	expiredRank = math.MaxUint64
)

// victim is the highest ranked of the entries that were drawn.
type victim struct {
	sh    *Shard
	word  uint64 // of the index
	rank  uint64
	drawn int
	noise uint64 // keeps the compiler from leaving out reads
}

// evictSampled evicts the entry with the highest rank among some that are
// drawn at random from all shards.
func (st *Store) evictSampled(k *keeper, now int64) bool {
	var v victim
	samples := k.sampler.Samples()
	for tries := 0; v.drawn < samples && tries < 2*samples; tries++ {
		sh, slot, ok := st.draw()
		if !ok {
			return false
		}
		if sh.sample(k, slot, samples, now, &v) {
			return true
		}
	}
	if v.sh == nil {
		return st.searchVictim(k, now)
	}
	return v.lockAndEvict(k, now) || st.searchVictim(k, now)
}

// evict evicts the victim, if it is still there. Its shard is locked.
func (v *victim) evict(k *keeper, now int64) bool {
	e, ok := v.sh.at(v.word)
	if !ok {
		return false
	}
	if k.renewer != nil && v.rank != expiredRank {
		// One of two that are written at once may be lost: it is a mean.
		mean := k.evicted.Load()
		k.evicted.Store(max(mean-mean/meanOf+v.rank/meanOf, 1))
	}
	v.sh.evict(e, now)
	return true
}

// lockAndEvict is evict for whoever has no lock.
func (v *victim) lockAndEvict(k *keeper, now int64) bool {
	v.sh.mu.Lock()
	defer v.sh.mu.Unlock()
	return v.evict(k, now)
}

// at is the entry that an index word leads to, if it is still in the index.
func (sh *Shard) at(word uint64) (Entry, bool) {
	t := sh.tab.Load()
	for i := t.at(slotFrag(word)); t.slots[i] != 0 && slotFrag(t.slots[i]) == slotFrag(word); i++ {
		if t.slots[i] == word {
			return sh.entry(word, i), true
		}
	}
	return Entry{}, false
}

// sample draws entries from slot on: all that are wanted if the shard has
// many, which it then evicts one of, and some otherwise.
func (sh *Shard) sample(k *keeper, slot, samples int, now int64, v *victim) (evicted bool) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.count == 0 || k.volatile && sh.expiring == 0 || sh.keep != k {
		return false
	}
	want := samples - v.drawn
	if len(sh.st.shards) > 1 {
		want = max(min(want, sh.count/fewPerSample), 1)
	}
	sh.judge(k, slot, want, min(want*lookPerSample, sh.count), now, v)
	if v.drawn < samples || v.sh != sh {
		return false
	}
	return v.evict(k, now)
}

// judge ranks entries from slot on until so many were drawn or looked at, and
// returns where it stopped.
func (sh *Shard) judge(k *keeper, slot, want, look int, now int64, v *victim) (next int) {
	t := sh.tab.Load()
	i := t.used(slot % len(t.slots))
	v.noise += sh.warm(t, i, want)
	for taken, seen := 0, 0; seen < look && taken < want; seen++ {
		if i < 0 {
			i = t.used(0)
		}
		e := sh.entry(t.slots[i], i)
		c := Candidate{Recency: e.Recency(), ExpireAt: e.ExpireAt(), Size: e.Footprint()}
		rank, ok := k.sampler.Rank(c, now)
		if e.expired(now) {
			rank, ok = expiredRank, true
		}
		if ok {
			taken++
			v.drawn++
			if v.sh == nil || rank > v.rank {
				v.sh, v.word, v.rank = sh, t.slots[i], rank
			}
		}
		i = t.used(i + 1)
	}
	return i
}

// warm reads a word of each of the next entries, of which none waits for the
// other, so that their misses overlap. What it returns is noise.
func (sh *Shard) warm(t *table, from, n int) (noise uint64) {
	if from < 0 {
		return 0
	}
	for _, w := range t.slots[from:min(from+n+n/2, len(t.slots))] {
		if w != 0 {
			noise += sh.mem.Load(slotRef(w).Offset())
		}
	}
	return noise
}

// searchVictim goes through all shards, from where the last search stopped,
// until it finds an entry that the policy would evict, and looks at a few more
// of the same shard. Where few entries have an expiry and only those may be
// evicted, this is what finds them.
func (st *Store) searchVictim(k *keeper, now int64) bool {
	from := int(st.searchCursor.Load())
	for n := range st.shards {
		i := (from + n) & (len(st.shards) - 1)
		if n > 0 {
			st.searchCursor.Store(int32(i))
		}
		if st.shards[i].search(k, now) {
			return true
		}
	}
	return false
}

// search looks at the entries of one shard, a step at a time, from where the
// last search stopped.
func (sh *Shard) search(k *keeper, now int64) (evicted bool) {
	for seen, more := 0, true; more; seen += searchStep {
		evicted, more = sh.searchSome(k, seen, now)
		if evicted {
			return true
		}
	}
	return false
}

func (sh *Shard) searchSome(k *keeper, seen int, now int64) (evicted, more bool) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.count == 0 || k.volatile && sh.expiring == 0 || sh.keep != k {
		return false, false
	}
	var v victim
	t := sh.tab.Load()
	slot := t.next(uint64(sh.searched))
	if slot = sh.judge(k, max(slot, 0), k.sampler.Samples(), min(searchStep, sh.count), now, &v); slot >= 0 {
		sh.searched = uint32(slotFrag(t.slots[slot]))
	} else {
		sh.searched = 0
	}
	if v.sh == nil {
		return false, seen < sh.count
	}
	return v.evict(k, now), false
}

// draw is the place of an entry, each being equally likely, at a moment: it
// looks at indexes without their locks. It fails if there is none.
func (st *Store) draw() (sh *Shard, slot int, ok bool) {
	// All indexes are thought to be as long as the longest one, and a draw
	// beyond the end of one is drawn again.
	if longest := int(st.longest.Load()); longest > 0 {
		for range maxDraws {
			sh, slot = &st.shards[rand.IntN(len(st.shards))], rand.IntN(longest)
			if t := sh.tab.Load(); slot < len(t.slots) && t.slots[slot] != 0 {
				return sh, slot, true
			}
		}
	}
	// The store is nearly empty, or has shrunk.
	longest, found := 0, false
	for i, from := 0, rand.IntN(len(st.shards)); i < len(st.shards); i++ {
		s := &st.shards[(from+i)&(len(st.shards)-1)]
		t := s.tab.Load()
		longest = max(longest, len(t.slots))
		if at := t.used(0); !found && at >= 0 {
			sh, slot, found = s, at, true
		}
	}
	st.longest.Store(int64(longest))
	return sh, slot, found
}

// lengthen tells draw of an index with so many slots.
func (st *Store) lengthen(slots int) {
	for n := int64(slots); ; {
		was := st.longest.Load()
		if was >= n || st.longest.CompareAndSwap(was, n) {
			return
		}
	}
}

// from is the entry at a slot or after it. The shard is locked.
func (sh *Shard) from(slot int) (Entry, bool) {
	t := sh.tab.Load()
	i := t.used(slot % len(t.slots))
	if i < 0 {
		if i = t.used(0); i < 0 {
			return Entry{}, false
		}
	}
	return sh.entry(t.slots[i], i), true
}
