package store

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/store/arena"
	"github.com/redistill-go/redistill/core/store/policy"
)

// Evictor removes entries to make room, as the policy wants it. It locks the shards that
// it needs, one at a time. Its methods are the store's, and any goroutine may call them.
type Evictor struct {
	st *Store

	inForce    atomic.Pointer[policy.InForce] // nil: writes are refused at the limit
	mu         sync.Mutex                     // one change of the policy at a time
	chosen     eviction.Policy                // as last told to SetPolicy
	queueBytes atomic.Int64                   // held by the queues of the policy
	entries    *eviction.Entries              // where candidates come from

	longest   atomic.Int64 // slots of the longest index, at least; see draw
	next      atomic.Int32 // the shard that a search of all goes on with
	exhausted atomic.Int64 // when there was last nothing to evict, in ms
}

// some removes the entry that the policy wants to go next, and some more
// if that is cheaper than one by one and more than target bytes are used. It
// fails if there is none that the policy would evict. No shard may be locked by
// the caller.
func (v *Evictor) some(now, target int64) bool {
	p := v.inForce.Load()
	switch {
	case p == nil:
		return false
	case p.Sampler != nil:
		s := sampling{Evictor: v, policy: p, now: now, target: target}
		return s.run()
	default:
		q := queueing{Evictor: v, policy: p, now: now, target: target, freed: released{st: v.st}, ahead: lookahead{st: v.st}}
		return q.run()
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

// released are the blocks of entries that were evicted and are not free yet, so
// that many can be freed under one lock. Whoever has them calls free at last.
type released struct {
	st     *Store
	group  int
	bytes  int64
	n      int
	blocks [releasedAtOnce]arena.Block
}

const releasedAtOnce = 32

// add takes the block of an entry that nothing leads to any more.
func (r *released) add(sh *Shard, e Entry) {
	if r.n == len(r.blocks) || r.group != sh.group {
		r.free()
		r.group = sh.group
	}
	size := e.size()
	r.blocks[r.n] = arena.Block{Ref: e.ref(), Size: size}
	r.n++
	r.bytes += int64(arena.Round(size))
}

// free frees them.
func (r *released) free() {
	if r.n > 0 {
		r.st.arena.FreeAll(r.group, r.blocks[:r.n])
	}
	r.n, r.bytes = 0, 0
}

// used is how much the store will use then.
func (r *released) used() int64 { return r.st.used() - r.bytes }

// maxDraws is how often a draw may miss before the lengths of the indexes
// are looked at anew. About half of the draws hit.
const maxDraws = 64

// draw is the place of an entry, each being equally likely, at a moment: it
// looks at indexes without their locks. It fails if there is none.
func (v *Evictor) draw() (sh *Shard, slot int, ok bool) {
	shards := v.st.shards
	// All indexes are thought to be as long as the longest one, and a draw
	// beyond the end of one is drawn again.
	if longest := int(v.longest.Load()); longest > 0 {
		for range maxDraws {
			sh, slot = &shards[rand.IntN(len(shards))], rand.IntN(longest)
			if t := sh.tab.Load(); slot < len(t.Slots) && t.Slots[slot] != 0 {
				return sh, slot, true
			}
		}
	}
	// The store is nearly empty, or has shrunk.
	longest, found := 0, false
	for i, from := 0, rand.IntN(len(shards)); i < len(shards); i++ {
		s := &shards[(from+i)&(len(shards)-1)]
		t := s.tab.Load()
		longest = max(longest, len(t.Slots))
		if at := t.Used(0); !found && at >= 0 {
			sh, slot, found = s, at, true
		}
	}
	v.longest.Store(int64(longest))
	return sh, slot, found
}

// lengthen tells draw of an index with so many slots.
func (v *Evictor) lengthen(slots int) {
	for n := int64(slots); ; {
		was := v.longest.Load()
		if was >= n || v.longest.CompareAndSwap(was, n) {
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
