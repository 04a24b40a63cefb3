package store

import (
	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/store/expiry"
	"github.com/redistill-go/redistill/core/store/index"
	"github.com/redistill-go/redistill/core/store/policy"
)

const (
	// fewPerSample is how many entries a shard has for each sample that is
	// drawn from it at once. Neighbours in the order of a seeded hash are as
	// good as random draws, but not if there are hardly more.
	fewPerSample = 16
	// seenPerSample is how many entries are seen for each sample that the
	// policy would evict, before the search goes on from where an earlier one
	// stopped.
	seenPerSample = 16
	// searchStep is how many entries a search sees under one lock.
	searchStep = 256
)

// sampling is one eviction under a Sampler: of the entries with the highest rank among
// some that are drawn at random. That is one, or as many as may go at once while more than
// target bytes are used.
type sampling struct {
	*Evictor
	policy      *policy.InForce
	now, target int64

	victims policy.Victims
	sh      *Shard // of the first victim; of all if more than one are kept
}

func (s *sampling) run() bool {
	s.victims.Most = 1
	samples := s.policy.Sampler.Samples()
	for tries := 0; s.victims.Drawn < samples && tries < 2*samples; tries++ {
		sh, slot, ok := s.draw()
		if !ok {
			return false
		}
		if s.visit(sh, slot, samples) {
			return true
		}
	}
	if len(s.victims.List()) == 0 {
		return s.search()
	}
	return s.evictFirst() || s.search()
}

// visit draws entries of a shard from slot on; one that has few gives some of those
// that are wanted. Of one that has many several are drawn, from where the last
// visit stopped, and evicted: so all parts of it are visited as often.
func (s *sampling) visit(sh *Shard, slot, samples int) (evicted bool) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if !s.has(sh) {
		return false
	}
	v := &s.victims
	want, seen := samples-v.Drawn, min(max(samples*seenPerSample, searchStep), sh.tab.Len())
	switch many := sh.tab.Len() / fewPerSample; {
	case many >= samples && v.Drawn == 0:
		want = max(samples, min(many, policy.DrawAtOnce))
		v.Most = policy.MostOf(want, samples)
		s.judgeOn(sh, want, seen)
	case len(s.st.shards) > 1:
		want = max(min(want, many), 1)
		fallthrough
	default:
		s.judge(sh, slot, want, seen)
	}
	if v.Drawn < samples || s.sh != sh {
		v.KeepOne() // more may come from other shards
		return false
	}
	return s.evictAll(samples)
}

// has says whether a shard, which is locked, may have something that the policy evicts.
func (s *sampling) has(sh *Shard) bool {
	return sh.tab.Len() > 0 && (!s.policy.Volatile || sh.expiry.Keys() > 0) && sh.recency.policy == s.policy
}

// judgeOn is judge from where the last one stopped, which the shard remembers.
func (s *sampling) judgeOn(sh *Shard, want, most int) {
	t := sh.tab.Load()
	slot := t.Used(s.judge(sh, t.At(uint64(sh.recency.searched)), want, most))
	sh.recency.searched = 0
	if slot >= 0 {
		sh.recency.searched = uint32(index.Frag(t.Slots[slot]))
	}
}

// judge ranks entries from slot on until it has drawn as many as are wanted or seen the
// most that it may, and returns where it stopped.
func (s *sampling) judge(sh *Shard, slot, want, most int) (next int) {
	t := sh.tab.Load()
	var words, headers [policy.DrawAtOnce]uint64
	next = slot % len(t.Slots)
	for taken := 0; most > 0 && taken < want; {
		n := 0
		n, next = t.Gather(words[:min(most, want-taken, policy.DrawAtOnce)], next)
		// No load waits for another one, so that their misses overlap.
		for i, w := range words[:n] {
			headers[i] = sh.mem.Load(index.Ref(w).Offset())
		}
		most -= n
		for i, w := range words[:n] {
			c := eviction.Candidate{Recency: eviction.Recency(headers[i] & eviction.RecencyMask)}
			if headers[i]&expiresFlag != 0 {
				c.ExpireAt = int64(sh.mem.Load(index.Ref(w).Offset() + 8))
			}
			rank, ok := s.policy.Sampler.Rank(c.Of(s.entries, index.Ref(w).Offset()), s.now)
			if expiry.Past(c.ExpireAt, s.now) {
				rank, ok = policy.ExpiredRank, true
			}
			if ok {
				taken++
				if s.victims.Add(w, rank) {
					s.sh = sh
				}
			}
		}
	}
	return next
}

// evict evicts one of the victims, if it is still there. Its shard is locked.
func (s *sampling) evict(v policy.Victim, to *released) bool {
	slot, ok := s.sh.tab.Load().Find(v.Word)
	if !ok {
		return false
	}
	if v.Rank != policy.ExpiredRank {
		s.policy.Evicted(v.Rank)
	}
	s.sh.evict(s.sh.entry(v.Word, slot), s.now, to)
	return true
}

// evictAll evicts the first victim and then others, as many as may go, while more
// than target bytes are used. All are of one shard, which is locked.
func (s *sampling) evictAll(samples int) (evicted bool) {
	list := s.victims.List()
	list = list[:min(len(list), policy.MostOf(s.victims.Drawn, samples))]
	for _, v := range list {
		s.st.arena.Fetch(index.Ref(v.Word))
	}
	for _, v := range list {
		s.st.arena.FetchSpan(index.Ref(v.Word))
	}
	freed := released{st: s.st}
	for i, v := range list {
		if i > 0 && freed.used() <= s.target {
			break
		}
		evicted = s.evict(v, &freed) || evicted
	}
	freed.free()
	return evicted
}

// evictFirst evicts the first victim for whoever has no lock.
func (s *sampling) evictFirst() bool {
	s.sh.mu.Lock()
	defer s.sh.mu.Unlock()
	return s.evict(s.victims.List()[0], nil)
}

// search goes through all shards, from where the last search stopped,
// until it finds an entry that the policy would evict, and sees a few more
// of the same shard. Where few entries have an expiry and only those may be
// evicted, this is what finds them.
func (s *sampling) search() bool {
	shards := s.st.shards
	from := int(s.next.Load())
	for n := range shards {
		i := (from + n) & (len(shards) - 1)
		if n > 0 {
			s.next.Store(int32(i))
		}
		for seen, more := 0, true; more; seen += searchStep {
			var evicted bool
			if evicted, more = s.searchSome(&shards[i], seen); evicted {
				return true
			}
		}
	}
	return false
}

// searchSome sees some entries of one shard, from where the last search stopped, and says
// whether there are more than the seen ones and these.
func (s *sampling) searchSome(sh *Shard, seen int) (evicted, more bool) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if !s.has(sh) {
		return false, false
	}
	s.victims = policy.Victims{Most: 1}
	samples := s.policy.Sampler.Samples()
	s.judgeOn(sh, samples, min(searchStep, sh.tab.Len()))
	if len(s.victims.List()) == 0 {
		return false, seen < sh.tab.Len()
	}
	return s.evictAll(samples), false
}
