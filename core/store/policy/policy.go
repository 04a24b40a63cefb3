// Package policy is what the store keeps of an eviction policy: the one in force, the
// queues of one that has them, and which of some entries that were drawn go first. It
// knows no shard and no entry, only what an entry keeps for the policy.
//
// An entry of a Sampler keeps whatever that likes. One of a Queuer keeps the number of its
// node in the queue, and above it how often it was used, see Node and Uses. The queue of a
// Group of shards has a node for each of their entries, with the part of its key's hash
// that tells its place: see PlaceHash.
//
// Concurrency: an InForce does not change, but for its mean rank; a Group has a lock of its
// own, which comes after those of shards.
package policy

import (
	"sync/atomic"

	"github.com/redistill-go/redistill/core/eviction"
)

// InForce is a policy in force and, if it has queues, their groups. Another policy, or
// another number of groups, is another InForce.
//
// Shards go over to a new one one by one, each under its lock, and what a shard's entries
// keep is always meant for the one that the shard has. The queues are closed when the last
// shard has left: Acquire and Release count them.
type InForce struct {
	Policy     eviction.Policy
	Sampler    eviction.Sampler // nil: a Queuer
	TouchEvery uint32           // of a Sampler: one in so many reads is reported; 0: none
	Volatile   bool             // of a Sampler: only entries with an expiry are evicted
	Renewer    eviction.Renewer // nil: the Sampler is none
	MaxUses    uint64           // of a Queuer
	Groups     []Group          // of a Queuer

	mean  atomic.Uint64 // rank of what was evicted lately, for the Renewer
	users atomic.Int64
}

// New puts a policy in force, for one user; nil: nothing needs to be kept. Queues are for
// so many groups, a power of two, and where there are none nothing is kept for a Queuer
// either. What they hold is added to bytes.
func New(p eviction.Policy, groups int, bytes *atomic.Int64) (f *InForce) {
	switch p := p.(type) {
	case eviction.Sampler:
		f = &InForce{Policy: p, Sampler: p, TouchEvery: p.ReadSampling()}
		if v, ok := p.(eviction.Volatile); ok {
			f.Volatile = v.Volatile()
		}
		f.Renewer, _ = p.(eviction.Renewer)
	case eviction.Queuer:
		if groups == 0 {
			return nil
		}
		f = &InForce{Policy: p, MaxUses: uint64(min(p.MaxUses(), eviction.MaxUses)), Groups: make([]Group, groups)}
		for i := range f.Groups {
			f.Groups[i].queuer, f.Groups[i].bytes = p, bytes
		}
	default:
		return nil
	}
	f.users.Store(1)
	return f
}

// Acquire counts one more user. It fails when the last one has left.
func (f *InForce) Acquire() bool {
	for {
		n := f.users.Load()
		if n == 0 {
			return false
		}
		if f.users.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// Release ends the use by one, the last of whom closes the queues. nil has no users.
func (f *InForce) Release() {
	if f == nil || f.users.Add(-1) > 0 {
		return
	}
	for i := range f.Groups {
		f.Groups[i].close()
	}
}

// GroupOf is the group of the shard with a number; nil: there are no queues.
func (f *InForce) GroupOf(shard int) *Group {
	if f == nil || f.Groups == nil {
		return nil
	}
	return &f.Groups[shard&(len(f.Groups)-1)]
}

// meanOf is how many evictions the mean of their ranks is of, about.
const meanOf = 64

// Evicted tells of the rank of an entry that is evicted, for the Renewer.
func (f *InForce) Evicted(rank uint64) {
	if f.Renewer == nil {
		return
	}
	// One of two that are written at once may be lost: it is a mean.
	mean := f.mean.Load()
	f.mean.Store(max(mean-mean/meanOf+rank/meanOf, 1))
}

// Stale says whether a Renewer wants to hear of a read of an entry.
func (f *InForce) Stale(r eviction.Recency, now int64) bool {
	return f.Renewer != nil && f.Renewer.Stale(r, now, f.mean.Load())
}

// What an entry keeps under a Queuer: its uses, up to eviction.MaxUses, above the number
// of its node.
const (
	usesShift = recencyBits - 2
	nodeMask  = 1<<usesShift - 1

	recencyBits = 24
)

// The uses fill what the number of the node leaves.
var _ = [1]struct{}{}[eviction.MaxUses-(1<<(recencyBits-usesShift)-1)]

// Node is the number of an entry's node; 0: it has none.
func Node(r eviction.Recency) uint32 { return uint32(r & nodeMask) }

// Uses is how often an entry was used, up to eviction.MaxUses.
func Uses(r eviction.Recency) int { return int(r >> usesShift & eviction.MaxUses) }

// Recency is what an entry keeps that has a node and was used so often.
func Recency(node uint32, uses int) eviction.Recency {
	return eviction.Recency(node) | eviction.Recency(uses)<<usesShift
}

// Used is what an entry keeps under a Queuer after one more use.
func (f *InForce) Used(r eviction.Recency) eviction.Recency {
	if uint64(r>>usesShift&eviction.MaxUses) < f.MaxUses {
		r += 1 << usesShift
	}
	return r & eviction.RecencyMask
}

// PlaceHash is a key's hash as far as its first bits tell it, so that it can be had
// without the key: the bits below are drawn from those above.
func PlaceHash(hash uint64, bits uint) uint64 {
	low := 64 - bits
	place := hash >> low
	return place<<low | place*0x9e3779b97f4a7c15>>bits
}
