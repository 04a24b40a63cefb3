package store

import (
	"math/bits"
	"sync/atomic"
	"time"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/store/index"
)

// keeper is a policy in force and, if it has queues, their groups. It does not
// change once made; another policy is another keeper.
//
// Shards go over to a new keeper one by one, each under its lock, and what a
// shard's entries keep in their recency is always meant for the keeper that the
// shard has. The old keeper's queues are closed when the last shard has left.
type keeper struct {
	policy     eviction.Policy
	sampler    eviction.Sampler // nil: a Queuer
	touchEvery uint32           // of a Sampler: one in so many reads is reported; 0: none
	volatile   bool             // of a Sampler: only entries with an expiry are evicted
	renewer    eviction.Renewer // nil: the Sampler is none
	evicted    atomic.Uint64    // mean rank of what was evicted lately, for the Renewer
	maxUses    uint64           // of a Queuer
	groups     []order          // of a Queuer
	users      atomic.Int64
}

// An entry's recency under a Queuer: its uses, up to eviction.MaxUses, above the
// number of its node.
const (
	usesShift = recencyBits - 2
	nodeMask  = 1<<usesShift - 1
)

// The uses fill what the number of the node leaves of the recency.
var _ = [1]struct{}{}[eviction.MaxUses-(1<<(recencyBits-usesShift)-1)]

// groupSize is the part of the memory limit that one group has: enough that
// its order is as good as one of all entries, and not so much that threads
// meet at its lock, or that there are more small entries than nodes.
const groupSize = 64 << 20

// groupsFor is how many groups a limit asks for.
func (st *Store) groupsFor(limit int64) int {
	n := max(limit/groupSize, 1)
	return min(1<<(bits.Len64(uint64(n))-1), len(st.shards))
}

// keeperOf makes the keeper of a policy; nil: nothing needs to be kept. Queues
// order entries only where there is a limit.
func (st *Store) keeperOf(p eviction.Policy) (k *keeper) {
	limit := st.maxMemory.Load()
	switch p := p.(type) {
	case eviction.Sampler:
		k = &keeper{policy: p, sampler: p, touchEvery: p.ReadSampling()}
		if v, ok := p.(eviction.Volatile); ok {
			k.volatile = v.Volatile()
		}
		k.renewer, _ = p.(eviction.Renewer)
	case eviction.Queuer:
		if limit == 0 {
			return nil
		}
		k = &keeper{policy: p, maxUses: uint64(min(p.MaxUses(), eviction.MaxUses)), groups: make([]order, st.groupsFor(limit))}
		for i := range k.groups {
			k.groups[i].queuer, k.groups[i].bytes = p, &st.orderBytes
		}
	default:
		return nil
	}
	k.users.Store(1)
	return k
}

// SetPolicy changes the eviction policy; nil is one that never evicts. No shard
// need be unlocked: those that are locked follow when they are free.
func (st *Store) SetPolicy(p eviction.Policy) {
	st.policyMu.Lock()
	defer st.policyMu.Unlock()
	st.chosen = p
	st.setKeeper(st.keeperOf(p))
	st.barren.Store(0)
}

// Policy is the eviction policy that was set last; nil: none.
func (st *Store) Policy() eviction.Policy {
	st.policyMu.Lock()
	defer st.policyMu.Unlock()
	return st.chosen
}

// refit adapts the groups of a Queuer to another memory limit.
func (st *Store) refit() {
	st.policyMu.Lock()
	defer st.policyMu.Unlock()
	p, ok := st.chosen.(eviction.Queuer)
	if !ok {
		return
	}
	limit, k := st.maxMemory.Load(), st.policy.Load()
	if (limit == 0) == (k == nil) && (k == nil || len(k.groups) == st.groupsFor(limit)) {
		return
	}
	st.setKeeper(st.keeperOf(p))
}

// setKeeper lets every shard adopt the keeper, those that are locked later.
func (st *Store) setKeeper(k *keeper) {
	old := st.policy.Swap(k)
	var busy []*Shard
	for i := range st.shards {
		sh := &st.shards[i]
		if !sh.mu.TryLock() {
			busy = append(busy, sh)
			continue
		}
		sh.adopt()
		sh.mu.Unlock()
	}
	old.drop()
	if len(busy) > 0 {
		st.releases.Go(func() {
			for _, sh := range busy {
				sh.mu.Lock()
				sh.adopt()
				sh.mu.Unlock()
			}
		})
	}
}

// adopt makes the shard keep its entries as the newest keeper wants it. What
// the policy before it knew of them is forgotten, except how often they were
// used where the same policy only gets other groups.
func (sh *Shard) adopt() {
	old, k := sh.keep, sh.st.newest()
	if old == k {
		k.drop()
		return
	}
	sh.keep, sh.order = k, nil
	if k != nil && k.groups != nil {
		sh.order = &k.groups[sh.index&(len(k.groups)-1)]
	}
	now := time.Now().UnixMilli()
	same := old != nil && k != nil && old.policy == k.policy
	t := sh.tab.Load()
	for i := t.Used(0); i >= 0; i = t.Used(i + 1) {
		e := sh.entry(t.Slots[i], i)
		uses := e.header >> usesShift & eviction.MaxUses
		sh.enter(&e, sh.hashOf(index.Frag(t.Slots[i])), now)
		if same {
			sh.remember(&e, e.Recency()|eviction.Recency(uses<<usesShift))
		}
	}
	old.drop()
}

// newest is the keeper in force, with one more user.
func (st *Store) newest() *keeper {
	for {
		k := st.policy.Load()
		if k == nil {
			return nil
		}
		if n := k.users.Load(); n > 0 && k.users.CompareAndSwap(n, n+1) {
			return k
		}
	}
}

// drop ends the use of a keeper. The last one to leave closes it.
func (k *keeper) drop() {
	if k == nil || k.users.Add(-1) > 0 {
		return
	}
	for i := range k.groups {
		k.groups[i].close()
	}
}
