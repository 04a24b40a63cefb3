package store

import "math/rand/v2"

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
