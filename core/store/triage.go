package store

import "github.com/redistill-go/redistill/core/store/policy"

// triage is what compaction does while the store holds too much: it evicts what
// the policy ranks low in the huge pages that it empties, and moves only the
// rest. Eviction is due then anyway, and where the victims lie anywhere, what
// one of them leaves is a hole and no memory that can be used for something
// else or given back.
type triage struct {
	// evict: it is due at this moment; all: nothing is spared.
	evict, all bool
	mean       float64 // see compactor
}

// triageNow looks at whether eviction is due: so much is held that what is in
// the way of huge pages has to go.
func (r *Room) triageNow() (t triage) {
	limit := r.maxMemory.Load()
	if limit == 0 {
		return t
	}
	m, used, occupied := marksOf(limit), r.used(), r.occupied()
	t.all = occupied > m.most && used > limit-limit/25
	t.evict = t.all || occupied > m.help && used > min(m.low, r.target(limit, m.help))
	return t
}

// evictionDue says whether compaction would evict.
func (r *Room) evictionDue() bool { return r.triageNow().evict }

// Bounds of compactor.movedShare: what one cycle was like tells little of the next.
const (
	leastMoved = 50
	allMoved   = 100
)

// expectedShare is how many per cent of what is in the chosen huge pages will
// probably have to be moved.
func (c *compactor) expectedShare() int {
	if !c.st.evictionDue() {
		return allMoved
	}
	return max(c.movedShare, leastMoved)
}

// meanOfDraws is how many entries meanRank draws.
const meanOfDraws = 32

// meanRank is about the mean rank of the entries that the policy may evict.
func (v *Evictor) meanRank(now int64) (mean float64) {
	n := 0
	for range meanOfDraws {
		sh, slot, ok := v.draw()
		if !ok {
			break
		}
		if rank, ok := v.rankAt(sh, slot, now); ok {
			n++
			mean += (float64(rank) - mean) / float64(n)
		}
	}
	return mean
}

func (v *Evictor) rankAt(sh *Shard, slot int, now int64) (rank uint64, ok bool) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	e, ok := sh.from(slot)
	if p := sh.recency.policy; !ok || p == nil || p.Sampler == nil {
		return 0, false
	}
	return sh.recency.rank(e, v.entries, now)
}

// evict evicts an entry instead of moving it, if that is due and the policy
// cares little for it.
func (m *mover) evict(e Entry) bool {
	p, t := m.sh.recency.policy, &m.triage
	switch {
	case p == nil || !t.evict:
		return false
	case e.expired(m.now):
	case p.Sampler != nil:
		if rank, ok := m.sh.recency.rank(e, m.sh.st.Evictor.entries, m.now); !ok || !t.all && float64(rank) < t.mean {
			return false
		}
	case !t.all && policy.Uses(e.Recency()) > 0:
		return false
	}
	n := e.Footprint()
	m.sh.evict(e, m.now, nil)
	m.left.moves--
	m.left.bytes -= n
	m.evicted++
	m.evictedBytes += int64(n)
	return true
}
