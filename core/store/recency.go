package store

import (
	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/store/index"
)

// remember sets what an entry keeps for the policy.
func (sh *Shard) remember(e *Entry, r eviction.Recency) {
	e.header = e.header&^eviction.RecencyMask | uint64(r&eviction.RecencyMask)
	sh.mem.Store(e.off, e.header)
}

// enter makes a new entry known to the policy. The hash is the key's.
func (sh *Shard) enter(e *Entry, hash uint64, now int64) {
	switch k := sh.keep; {
	case k == nil:
		sh.remember(e, 0)
	case k.sampler != nil:
		sh.remember(e, k.sampler.Insert(now))
	default:
		sh.remember(e, eviction.Recency(sh.order.insert(sh.st.known(hash))))
	}
}

// renewed is what an entry keeps for the policy when its value is replaced,
// which is a use of it.
func (sh *Shard) renewed(old Entry, now int64) eviction.Recency {
	switch k := sh.keep; {
	case k == nil:
		return 0
	case k.sampler != nil:
		return k.sampler.Touch(old.Recency(), now)
	default:
		return eviction.Recency(k.used(old.header))
	}
}

// used is a header after one more use of its entry under a Queuer.
func (k *keeper) used(h uint64) uint64 {
	if h>>usesShift&eviction.MaxUses < k.maxUses {
		h += 1 << usesShift
	}
	return h & eviction.RecencyMask
}

// touch counts a read of the entry.
func (sh *Shard) touch(k *keeper, e *Entry, now int64) {
	if k.sampler == nil {
		if h := k.used(e.header); h != e.header&eviction.RecencyMask {
			sh.remember(e, eviction.Recency(h))
		}
		return
	}
	if sh.reads++; k.touchEvery != 0 && sh.reads >= k.touchEvery {
		sh.reads = 0
	} else if k.renewer == nil || !k.renewer.Stale(e.Recency(), now, k.evicted.Load()) {
		return
	}
	if r := k.sampler.Touch(e.Recency(), now); r != e.Recency() {
		sh.remember(e, r)
	}
}

// leave makes a Queuer forget an entry that is about to go.
func (sh *Shard) leave(e Entry) {
	if node := uint32(e.header & nodeMask); sh.order != nil && node != 0 {
		sh.order.remove(node)
	}
}

// placeBits is how many bits of a key's hash its entry's place tells.
func (st *Store) placeBits() uint { return index.FragBits + st.shardBits }

// known is a key's hash as far as the place of its entry tells it, so that it
// can be had without the key: the bits below are drawn from those above.
func (st *Store) known(hash uint64) uint64 {
	low := 64 - st.placeBits()
	place := hash >> low
	return place<<low | place*0x9e3779b97f4a7c15>>st.placeBits()
}

// hashOf is what is known of the hash of a key in the shard.
func (sh *Shard) hashOf(frag uint64) uint64 {
	st := sh.st
	return st.known((uint64(sh.index)<<index.FragBits | frag) << (64 - st.placeBits()))
}

// Quiet says whether Get leaves out telling the eviction policy from now on,
// until it is called again. The shard is locked.
func (sh *Shard) Quiet(on bool) { sh.quiet = on }
