package store

import (
	"math/rand/v2"
	"time"

	"github.com/redistill-go/redistill/core/eviction"
)

// Idle is how long ago the entry was last used; false: the policy does not
// keep it.
func (sh *Shard) Idle(e Entry, now int64) (time.Duration, bool) {
	t, ok := sh.policy().(eviction.IdleTracker)
	if !ok {
		return 0, false
	}
	return t.Idle(e.Recency(), now), true
}

// Frequency is how often the entry is used; false: the policy does not keep
// it.
func (sh *Shard) Frequency(e Entry, now int64) (int, bool) {
	t, ok := sh.policy().(eviction.FrequencyTracker)
	if !ok {
		return 0, false
	}
	return t.Frequency(e.Recency(), now), true
}

// Usage is what is known of the use of an entry that comes from elsewhere.
type Usage struct {
	Idle      time.Duration // since it was last used; negative: not known
	Frequency int           // Redis's counter of uses; negative: not known
}

// Introduce makes the policy see the key's entry as a new one, of which it
// knows u as far as that is what it keeps. Queues see it as they did. The shard
// is locked.
func (sh *Shard) Introduce(k Key, u Usage, now int64) {
	if sh.keep == nil || sh.keep.sampler == nil {
		return
	}
	e, ok := sh.Peek(k, now)
	if !ok {
		return
	}
	r := sh.keep.sampler.Insert(now)
	if t, ok := sh.policy().(eviction.IdleTracker); ok && u.Idle >= 0 {
		r = t.LastUsed(u.Idle, now)
	}
	if t, ok := sh.policy().(eviction.FrequencyTracker); ok && u.Frequency >= 0 {
		r = t.Counted(u.Frequency, now)
	}
	sh.remember(&e, r)
}

// policy is what the recencies of the shard's entries are for; nil: nothing.
func (sh *Shard) policy() eviction.Policy {
	if sh.keep == nil {
		return nil
	}
	return sh.keep.policy
}

// Large says whether a hash is a table of its own and not one compact block.
func (e Entry) Large() bool { return e.isTree() }

// Bounds of what MeanTTL looks at.
const (
	ttlShards = 16
	ttlSteps  = 16 // entries of each
)

// MeanTTL estimates from some entries how long those with an expiry have left
// on average, in ms; 0: none has one. It passes over shards that are locked.
func (st *Store) MeanTTL(now int64) int64 { return st.Whole().MeanTTL(now) }

// MeanTTL is Store.MeanTTL.
func (w Whole) MeanTTL(now int64) int64 {
	var sum, n int64
	shards := w.st.shards
	for start, i := rand.IntN(len(shards)), 0; i < len(shards) && n < ttlShards*ttlSteps; i++ {
		sh := &shards[(start+i)%len(shards)]
		if sh.expiry.Keys() == 0 || !w.tryLock(sh) {
			continue
		}
		s, k := sh.someTTL(now)
		w.unlock(sh)
		sum, n = sum+s, n+k
	}
	if n == 0 {
		return 0
	}
	return sum / n
}

// someTTL adds up what some entries with an expiry have left.
func (sh *Shard) someTTL(now int64) (sum, n int64) {
	if sh.expiry.Keys() == 0 {
		return 0, 0
	}
	t := sh.tab.Load()
	i := t.Used(rand.IntN(len(t.Slots)))
	for seen := 0; seen < min(sh.tab.Len(), 16*ttlSteps) && n < ttlSteps; seen++ {
		if i < 0 {
			i = t.Used(0)
		}
		if at := sh.entry(t.Slots[i], i).ExpireAt(); at != 0 {
			sum += max(at-now, 0)
			n++
		}
		i = t.Used(i + 1)
	}
	return sum, n
}
