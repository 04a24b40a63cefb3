package store

import (
	"math/rand/v2"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/store/index"
)

// evictSome removes the entry that the policy wants to go next, and some more
// if that is cheaper than one by one and more than target bytes are used. It
// fails if there is none that the policy would evict. No shard may be locked by
// the caller.
func (st *Store) evictSome(now, target int64) bool {
	switch k := st.policy.Load(); {
	case k == nil:
		return false
	case k.sampler != nil:
		return st.evictSampled(k, now, target)
	default:
		return st.evictQueued(k, now, target)
	}
}

// evict removes an entry to make room. One that has expired goes as such. Its
// block is freed with others, or at once if there are none.
func (sh *Shard) evict(e Entry, now int64, to *released) {
	if e.expired(now) {
		sh.expireTo(e, to)
		return
	}
	sh.evicted.Add(1)
	sh.removeTo(e, Evicted, to)
}

// judgeAtOnce bounds how many entries one eviction keeps because they were
// used: the next one goes whatever its uses. Each of them is a little cheaper
// to evict the next time, so that the order is not lost.
const judgeAtOnce = 512

// evictQueued evicts the entries that are next in one of the groups.
func (st *Store) evictQueued(k *keeper, now, target int64) bool {
	// The fuller one of two drawn groups keeps all equally full.
	a, b := rand.IntN(len(k.groups)), rand.IntN(len(k.groups))
	if k.groups[b].count.Load() > k.groups[a].count.Load() {
		a = b
	}
	for i := range k.groups {
		if st.evictNext(k, &k.groups[(a+i)&(len(k.groups)-1)], now, target) {
			return true
		}
	}
	// Entries that got no node for want of memory are in no queue.
	sh, slot, ok := st.draw()
	if !ok {
		return false
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	e, ok := sh.from(slot)
	if ok {
		sh.evict(e, now, nil)
	}
	return ok
}

// evictNext evicts the entry that is next in a group, and more of those after
// it while more than target bytes are used. It fails if there is none.
func (st *Store) evictNext(k *keeper, o *order, now, target int64) (evicted bool) {
	var node uint32
	var hash uint64
	l := lookahead{st: st}
	freed := released{st: st}
	defer freed.free()
	for kept := 0; kept < 2*judgeAtOnce; {
		if !l.step() {
			if evicted {
				break
			}
			l.look(o, st.due(k, o, target))
		}
		if node == 0 {
			if node, hash = o.next(); node == 0 {
				break
			}
		}
		var gone bool
		gone, node, hash = st.shardOf(hash).evictNode(k, o, node, hash, now, kept >= judgeAtOnce, &freed)
		if !gone {
			kept++
			continue
		}
		if evicted, kept = true, 0; freed.used() <= target {
			break
		}
	}
	return evicted
}

// evictNode evicts the entry with this node if its queue agrees, or has to. It
// also returns what is next in the queue, if that was asked.
func (sh *Shard) evictNode(k *keeper, o *order, node uint32, hash uint64, now int64, must bool, to *released) (evicted bool, next uint32, nextHash uint64) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	// It may have gone, or been given another node, since the queue was asked.
	if sh.keep != k {
		return false, 0, 0
	}
	e, ok := sh.holder(node, hash)
	if !ok {
		return false, 0, 0
	}
	if e.expired(now) {
		sh.expireTo(e, to)
		return true, 0, 0
	}
	uses := int(e.header >> usesShift & eviction.MaxUses)
	if must {
		uses = 0
	}
	left, evict, next, nextHash := o.judge(node, uses)
	if !evict {
		sh.remember(&e, eviction.Recency(uint64(node)|uint64(left)<<usesShift))
		return false, next, nextHash
	}
	sh.remember(&e, 0)
	sh.evict(e, now, to)
	return true, next, nextHash
}

// holder is the entry that has this node.
func (sh *Shard) holder(node uint32, hash uint64) (Entry, bool) {
	t := sh.tab.Load()
	frag := sh.st.frag(hash)
	for i := t.At(frag); t.Slots[i] != 0 && index.Frag(t.Slots[i]) == frag; i++ {
		if e := sh.entry(t.Slots[i], i); uint32(e.header&nodeMask) == node {
			return e, true
		}
	}
	return Entry{}, false
}
