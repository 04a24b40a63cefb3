package store

import (
	"math"
	"math/rand/v2"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/store/expiry"
	"github.com/redistill-go/redistill/core/store/index"
)

const (
	// fewPerSample is how many entries a shard has for each sample that is
	// drawn from it at once. Neighbours in the order of a seeded hash are as
	// good as random draws, but not if there are hardly more.
	fewPerSample = 16
	// drawAtOnce is how many entries are drawn in one visit of a shard that has
	// so many, at least: reading them at once is cheaper by far than one by one.
	drawAtOnce = 128
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

// victims are the highest ranked of the entries that were drawn.
type victims struct {
	list  [drawAtOnce / 2]victim // in order of rank, the highest first
	n     int
	most  int    // how many are kept in the list
	sh    *Shard // of the first one; of all if most is not 1
	drawn int
}

type victim struct {
	word uint64 // of the index
	rank uint64
}

// add keeps an entry of the shard that is among the highest ranked.
func (v *victims) add(sh *Shard, word, rank uint64) {
	i := v.n
	if v.n < v.most {
		v.n++
	} else if i--; rank <= v.list[i].rank {
		return
	}
	for ; i > 0 && v.list[i-1].rank < rank; i-- {
		v.list[i] = v.list[i-1]
	}
	v.list[i] = victim{word, rank}
	if i == 0 {
		v.sh = sh
	}
}

// mostOf is how many of so many drawn entries may go at once so that no more of
// them should have stayed than if each were the highest of some samples. What
// counts is the share of all entries that ranks higher, and its square, since
// one that should clearly have stayed is worse than several that nearly had to
// go: the mean square is i(i+1)/(n+1)(n+2) for the i-th of n.
func mostOf(drawn, samples int) int {
	n, k := float64(drawn), float64(samples)
	// Of the first m of n and of the first of k: (m+1)(m+2)/3(n+1)(n+2) = 2/(k+1)(k+2).
	most := (math.Sqrt(1+24*(n+1)*(n+2)/((k+1)*(k+2))) - 3) / 2
	return min(max(int(most+1e-9), 1), drawAtOnce/2)
}

// evictSampled evicts the entries with the highest rank among some that are
// drawn at random: one, or as many as may go at once while more than target
// bytes are used.
func (st *Store) evictSampled(k *keeper, now, target int64) bool {
	v := victims{most: 1}
	samples := k.sampler.Samples()
	for tries := 0; v.drawn < samples && tries < 2*samples; tries++ {
		sh, slot, ok := st.draw()
		if !ok {
			return false
		}
		if sh.sample(k, slot, samples, now, target, &v) {
			return true
		}
	}
	if v.n == 0 {
		return st.searchVictim(k, now, target)
	}
	return v.lockAndEvict(k, now) || st.searchVictim(k, now, target)
}

// evict evicts one of the victims, if it is still there. Its shard is locked.
func (k *keeper) evict(sh *Shard, v victim, now int64, to *released) bool {
	e, ok := sh.at(v.word)
	if !ok {
		return false
	}
	if k.renewer != nil && v.rank != expiredRank {
		// One of two that are written at once may be lost: it is a mean.
		mean := k.evicted.Load()
		k.evicted.Store(max(mean-mean/meanOf+v.rank/meanOf, 1))
	}
	sh.evict(e, now, to)
	return true
}

// evict evicts the first victim and then others, as many as may go, while more
// than target bytes are used. All are of one shard, which is locked.
func (v *victims) evict(k *keeper, samples int, now, target int64) (evicted bool) {
	list := v.list[:min(v.n, mostOf(v.drawn, samples))]
	for _, c := range list {
		v.sh.st.arena.Fetch(index.Ref(c.word))
	}
	for _, c := range list {
		v.sh.st.arena.FetchSpan(index.Ref(c.word))
	}
	freed := released{st: v.sh.st}
	for i, c := range list {
		if i > 0 && freed.used() <= target {
			break
		}
		evicted = k.evict(v.sh, c, now, &freed) || evicted
	}
	freed.free()
	return evicted
}

// lockAndEvict evicts the first victim for whoever has no lock.
func (v *victims) lockAndEvict(k *keeper, now int64) bool {
	v.sh.mu.Lock()
	defer v.sh.mu.Unlock()
	return k.evict(v.sh, v.list[0], now, nil)
}

// at is the entry that an index word leads to, if it is still in the index.
func (sh *Shard) at(word uint64) (Entry, bool) {
	if slot, ok := sh.tab.Load().Find(word); ok {
		return sh.entry(word, slot), true
	}
	return Entry{}, false
}

// sample draws entries from slot on; a shard that has few gives some of those
// that are wanted. Of one that has many several are drawn, from where the last
// visit stopped, and evicted: so all parts of it are visited as often.
func (sh *Shard) sample(k *keeper, slot, samples int, now, target int64, v *victims) (evicted bool) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.tab.Len() == 0 || k.volatile && sh.expiry.Keys() == 0 || sh.keep != k {
		return false
	}
	want, look := samples-v.drawn, min(max(samples*lookPerSample, searchStep), sh.tab.Len())
	switch many := sh.tab.Len() / fewPerSample; {
	case many >= samples && v.drawn == 0:
		want = max(samples, min(many, drawAtOnce))
		v.most = mostOf(want, samples)
		sh.judgeOn(k, want, look, now, v)
	case len(sh.st.shards) > 1:
		want = max(min(want, many), 1)
		fallthrough
	default:
		sh.judge(k, slot, want, look, now, v)
	}
	if v.drawn < samples || v.sh != sh {
		v.keepOne()
		return false
	}
	return v.evict(k, samples, now, target)
}

// judgeOn is judge from where the last one stopped, which it remembers.
func (sh *Shard) judgeOn(k *keeper, want, look int, now int64, v *victims) {
	t := sh.tab.Load()
	slot := t.Used(sh.judge(k, t.At(uint64(sh.searched)), want, look, now, v))
	sh.searched = 0
	if slot >= 0 {
		sh.searched = uint32(index.Frag(t.Slots[slot]))
	}
}

// judge ranks entries from slot on until so many were drawn or looked at, and
// returns where it stopped.
func (sh *Shard) judge(k *keeper, slot, want, look int, now int64, v *victims) (next int) {
	t := sh.tab.Load()
	var words, headers [drawAtOnce]uint64
	next = slot % len(t.Slots)
	for taken := 0; look > 0 && taken < want; {
		n := 0
		n, next = t.Gather(words[:min(look, want-taken, drawAtOnce)], next)
		// No load waits for another one, so that their misses overlap.
		for i, w := range words[:n] {
			headers[i] = sh.mem.Load(index.Ref(w).Offset())
		}
		look -= n
		for i, w := range words[:n] {
			c := eviction.Candidate{Recency: eviction.Recency(headers[i] & eviction.RecencyMask)}
			if headers[i]&expiresFlag != 0 {
				c.ExpireAt = int64(sh.mem.Load(index.Ref(w).Offset() + 8))
			}
			rank, ok := k.sampler.Rank(c.Of(sh.st.entries, index.Ref(w).Offset()), now)
			if expiry.Past(c.ExpireAt, now) {
				rank, ok = expiredRank, true
			}
			if ok {
				taken++
				v.drawn++
				v.add(sh, w, rank)
			}
		}
	}
	return next
}

// searchVictim goes through all shards, from where the last search stopped,
// until it finds an entry that the policy would evict, and looks at a few more
// of the same shard. Where few entries have an expiry and only those may be
// evicted, this is what finds them.
func (st *Store) searchVictim(k *keeper, now, target int64) bool {
	from := int(st.searchCursor.Load())
	for n := range st.shards {
		i := (from + n) & (len(st.shards) - 1)
		if n > 0 {
			st.searchCursor.Store(int32(i))
		}
		if st.shards[i].search(k, now, target) {
			return true
		}
	}
	return false
}

// search looks at the entries of one shard, a step at a time, from where the
// last search stopped.
func (sh *Shard) search(k *keeper, now, target int64) (evicted bool) {
	for seen, more := 0, true; more; seen += searchStep {
		evicted, more = sh.searchSome(k, seen, now, target)
		if evicted {
			return true
		}
	}
	return false
}

func (sh *Shard) searchSome(k *keeper, seen int, now, target int64) (evicted, more bool) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.tab.Len() == 0 || k.volatile && sh.expiry.Keys() == 0 || sh.keep != k {
		return false, false
	}
	v := victims{most: 1}
	sh.judgeOn(k, k.sampler.Samples(), min(searchStep, sh.tab.Len()), now, &v)
	if v.n == 0 {
		return false, seen < sh.tab.Len()
	}
	return v.evict(k, k.sampler.Samples(), now, target), false
}

// keepOne forgets all victims but the first, since more may come from other shards.
func (v *victims) keepOne() { v.n, v.most = min(v.n, 1), 1 }

// draw is the place of an entry, each being equally likely, at a moment: it
// looks at indexes without their locks. It fails if there is none.
func (st *Store) draw() (sh *Shard, slot int, ok bool) {
	// All indexes are thought to be as long as the longest one, and a draw
	// beyond the end of one is drawn again.
	if longest := int(st.longest.Load()); longest > 0 {
		for range maxDraws {
			sh, slot = &st.shards[rand.IntN(len(st.shards))], rand.IntN(longest)
			if t := sh.tab.Load(); slot < len(t.Slots) && t.Slots[slot] != 0 {
				return sh, slot, true
			}
		}
	}
	// The store is nearly empty, or has shrunk.
	longest, found := 0, false
	for i, from := 0, rand.IntN(len(st.shards)); i < len(st.shards); i++ {
		s := &st.shards[(from+i)&(len(st.shards)-1)]
		t := s.tab.Load()
		longest = max(longest, len(t.Slots))
		if at := t.Used(0); !found && at >= 0 {
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
	i := t.Used(slot % len(t.Slots))
	if i < 0 {
		if i = t.Used(0); i < 0 {
			return Entry{}, false
		}
	}
	return sh.entry(t.Slots[i], i), true
}
