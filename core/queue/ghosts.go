package queue

import (
	"errors"
	"fmt"

	"github.com/redistill-go/redistill/core/sys"
)

// A bucket has 16 places of 32 bits, which is one cache line: a fingerprint of
// 16 bits and the time at which it was added. The bucket is chosen by other
// bits of the hash, so that one wrong answer is given in about 2000 questions.
const (
	places     = 16
	bucketSize = places * 4
	timeBits   = 16
	timeMask   = 1<<timeBits - 1
	// lifetime is how many ticks of the clock a fingerprint is good for at most.
	// The clock ticks with every addition, or less often if there would be more
	// ticks in a lifetime, so that its 16 bits come round after 16 of them.
	lifetime = 1 << 12
	// fill is how many fingerprints per bucket the table grows at. With more,
	// some buckets would overflow often; see the Poisson distribution.
	fill = 10
	// maxBuckets is enough for as many fingerprints as there are nodes.
	maxBuckets = 1 << 19
)

// Ghosts remembers the hashes added last: as many as its capacity, roughly in
// the order in which they were added. It is the table that the authors of
// S3-FIFO propose: fingerprints with times instead of a queue, where what is
// too old is overwritten by what comes after.
//
// The table grows and shrinks by one bucket at a time (linear hashing), so that
// no call takes long. A bucket that is split is copied: the half of the
// fingerprints that are then in the wrong bucket are never asked for, and age.
type Ghosts struct {
	mem       sys.Region
	cells     []uint32
	committed uint64
	buckets   int
	base      int // the power of two at or below buckets
	capacity  int
	pending   int // additions since the clock ticked, times lifetime
	clock     uint32
}

// NewGhosts makes an empty table with a capacity of 0.
func NewGhosts() (*Ghosts, error) {
	mem, err := sys.Reserve(maxBuckets * bucketSize)
	if err != nil {
		return nil, fmt.Errorf("ghosts of an eviction policy: %w", err)
	}
	g := &Ghosts{mem: mem, cells: sys.Slice[uint32](mem, maxBuckets*places), base: 1}
	if err := g.grow(); err != nil {
		return nil, errors.Join(err, mem.Close())
	}
	return g, nil
}

// Close gives the memory back.
func (g *Ghosts) Close() error { return g.mem.Close() }

// Bytes is how much memory the table holds.
func (g *Ghosts) Bytes() int64 { return int64(sys.PageUp(uint64(g.buckets) * bucketSize)) }

// at is the bucket of a hash, and its fingerprint, which is not 0.
func (g *Ghosts) at(hash uint64) (bucket []uint32, print uint32) {
	// The highest bits chose a shard, so that those of a group may share them.
	h := int(hash & (2*maxBuckets - 1))
	i := h & (2*g.base - 1)
	if i >= g.buckets {
		i &= g.base - 1
	}
	return g.bucket(i), uint32(hash>>20)&timeMask | 1
}

func (g *Ghosts) bucket(i int) []uint32 { return g.cells[i*places : (i+1)*places : (i+1)*places] }

// age is how many ticks ago the fingerprint was added.
func (g *Ghosts) age(cell uint32) uint32 { return (g.clock - cell) & timeMask }

// life is how many ticks a fingerprint is good for.
func (g *Ghosts) life() uint32 { return uint32(min(g.capacity, lifetime)) }

// Take says whether the hash is among those remembered, and forgets it.
func (g *Ghosts) Take(hash uint64) bool {
	bucket, print := g.at(hash)
	for i, cell := range bucket {
		if cell>>timeBits == print && g.age(cell) <= g.life() {
			bucket[i] = 0
			return true
		}
	}
	return false
}

// Add remembers the hash, and from now on as many as capacity.
func (g *Ghosts) Add(hash uint64, capacity int) {
	g.capacity = capacity
	if g.pending += lifetime; g.pending >= capacity {
		g.pending, g.clock = max(g.pending-max(capacity, lifetime), 0), (g.clock+1)&timeMask
	}
	g.fit()
	bucket, print := g.at(hash)
	place, oldest := 0, uint32(0)
	for i, cell := range bucket {
		if cell == 0 || cell>>timeBits == print {
			place = i
			break
		}
		if a := g.age(cell); a >= oldest {
			place, oldest = i, a
		}
	}
	bucket[place] = print<<timeBits | g.clock
}

// fit makes the table a little larger or smaller if that suits the capacity.
func (g *Ghosts) fit() {
	switch want := g.capacity / fill; {
	case g.buckets <= want && g.buckets < maxBuckets:
		// Without memory for more buckets it forgets a little earlier.
		_ = g.grow()
	case g.buckets > want+want/4+sys.PageSize/bucketSize:
		g.shrink()
	}
}

func (g *Ghosts) grow() error {
	if end := uint64(g.buckets+1) * bucketSize; end > g.committed {
		if err := g.mem.CommitSparse(g.committed, sys.HugePage); err != nil {
			return fmt.Errorf("ghosts of an eviction policy: %w", err)
		}
		g.committed += sys.HugePage
	}
	if g.buckets >= 2*g.base {
		g.base *= 2
	}
	if i := g.buckets; i > 0 {
		copy(g.bucket(i), g.bucket(i&(g.base-1)))
	}
	g.buckets++
	return nil
}

// shrink drops the last bucket. What was added to it since it was split is
// forgotten; the memory of whole pages is returned.
func (g *Ghosts) shrink() {
	g.buckets--
	if g.buckets < g.base {
		g.base /= 2
	}
	clear(g.bucket(g.buckets))
	if end := uint64(g.buckets) * bucketSize; end%sys.PageSize == 0 {
		// Memory that can't be returned stays.
		_ = g.mem.Release(end, sys.PageSize)
	}
}
