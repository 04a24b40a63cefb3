package store

import (
	"time"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/store/policy"
	"github.com/redistill-go/redistill/core/sys"
)

// recency is what a shard, whose lock guards it, has for the policy that its entries are
// kept for: what they keep in their headers is meant for that one.
type recency struct {
	policy    *policy.InForce // nil: nothing is kept
	group     *policy.Group   // nil: the policy has no queues
	placeBits uint            // of a key's hash that the place of its entry tells
	reads     uint32          // since one was reported
	searched  uint32          // fragment that the search for a victim goes on with
	quiet     bool            // reads are not counted
}

// setRecency sets what an entry keeps for the policy.
func (e *Entry) setRecency(r eviction.Recency) {
	e.header = e.header&^eviction.RecencyMask | uint64(r&eviction.RecencyMask)
	e.mem.Store(e.off, e.header)
}

// enter makes a new entry known to the policy. The hash is the key's.
func (y *recency) enter(e *Entry, hash uint64, now int64) {
	switch p := y.policy; {
	case p == nil:
		e.setRecency(0)
	case p.Sampler != nil:
		e.setRecency(p.Sampler.Insert(now))
	default:
		e.setRecency(eviction.Recency(y.group.Insert(policy.PlaceHash(hash, y.placeBits))))
	}
}

// renewed is what an entry keeps for the policy when its value is replaced,
// which is a use of it.
func (y *recency) renewed(old Entry, now int64) eviction.Recency {
	switch p := y.policy; {
	case p == nil:
		return 0
	case p.Sampler != nil:
		return p.Sampler.Touch(old.Recency(), now)
	default:
		return p.Used(old.Recency())
	}
}

// touch counts a read of the entry.
func (y *recency) touch(e *Entry, now int64) {
	p := y.policy
	if p.Sampler == nil {
		if r := p.Used(e.Recency()); r != e.Recency() {
			e.setRecency(r)
		}
		return
	}
	if y.reads++; p.TouchEvery != 0 && y.reads >= p.TouchEvery {
		y.reads = 0
	} else if !p.Stale(e.Recency(), now) {
		return
	}
	if r := p.Sampler.Touch(e.Recency(), now); r != e.Recency() {
		e.setRecency(r)
	}
}

// leave makes a Queuer forget an entry that is about to go. It is called only where there
// is a group.
func (y *recency) leave(e Entry) {
	if node := policy.Node(e.Recency()); node != 0 {
		y.group.Remove(node)
	}
}

// rank is what the policy, a Sampler, thinks of an entry.
func (y *recency) rank(e Entry, from *eviction.Entries, now int64) (rank uint64, ok bool) {
	c := eviction.Candidate{Recency: e.Recency(), ExpireAt: e.ExpireAt()}
	return y.policy.Sampler.Rank(c.Of(from, e.off), now)
}

// chosen is the policy; nil: none.
func (y *recency) chosen() eviction.Policy {
	if y.policy == nil {
		return nil
	}
	return y.policy.Policy
}

// Quiet says whether Get leaves out telling the eviction policy from now on,
// until it is called again. The shard is locked.
func (sh *Shard) Quiet(on bool) { sh.recency.quiet = on }

// Idle is how long ago the entry was last used; false: the policy does not
// keep it.
func (sh *Shard) Idle(e Entry, now int64) (time.Duration, bool) {
	t, ok := sh.recency.chosen().(eviction.IdleTracker)
	if !ok {
		return 0, false
	}
	return t.Idle(e.Recency(), now), true
}

// Frequency is how often the entry is used; false: the policy does not keep
// it.
func (sh *Shard) Frequency(e Entry, now int64) (int, bool) {
	t, ok := sh.recency.chosen().(eviction.FrequencyTracker)
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
	p := sh.recency.policy
	if p == nil || p.Sampler == nil {
		return
	}
	e, ok := sh.Peek(k, now)
	if !ok {
		return
	}
	r := p.Sampler.Insert(now)
	if t, ok := p.Policy.(eviction.IdleTracker); ok && u.Idle >= 0 {
		r = t.LastUsed(u.Idle, now)
	}
	if t, ok := p.Policy.(eviction.FrequencyTracker); ok && u.Frequency >= 0 {
		r = t.Counted(u.Frequency, now)
	}
	e.setRecency(r)
}

// candidates tells a policy more of the entries that it judges, by the offset of each
// in the region. Their shard is locked.
type candidates struct{ mem sys.Region }

var _ eviction.Looker = candidates{}

func (c candidates) entry(at uint64) Entry {
	return Entry{mem: c.mem, off: at, header: c.mem.Load(at)}
}

// Type implements eviction.Looker.
func (c candidates) Type(at uint64) string { return c.entry(at).Type().String() }

// Size implements eviction.Looker.
func (c candidates) Size(at uint64) int64 { return c.entry(at).Size() }

// Key implements eviction.Looker.
func (c candidates) Key(at uint64) []byte { return c.entry(at).Key() }
