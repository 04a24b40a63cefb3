package queue

import (
	"errors"
	"fmt"
	"math"

	"github.com/redistill-go/redistill/core/sys"
)

// A bucket has 16 places of 32 bits, which is one cache line: a fingerprint of
// 18 bits and the time at which it was added. The bucket is chosen by other
// bits of the hash, so that one wrong answer is given in about 16,000 questions.
const (
	places     = 16
	bucketSize = places * 4
	timeBits   = 14
	timeMask   = 1<<timeBits - 1
	printMask  = 1<<(32-timeBits) - 1
	// ticks is how often the clock ticks while as many are added as there may
	// be, but never more than once for each. What stays because others were
	// taken can grow older than that, up to maxAge ticks.
	ticks  = 1 << 11
	maxAge = timeMask - timeMask/16
	// fill is how many fingerprints per bucket the table grows at. With more,
	// some buckets would overflow often; see the Poisson distribution.
	fill = 10
	// maxBuckets is enough for as many fingerprints as there are nodes.
	maxBuckets = 1 << 19
)

// Ghosts remembers the hashes added last that were not taken, as many as its
// capacity: a queue of which one can only tell what is in it. It is the table
// that the authors of S3-FIFO propose: fingerprints with times instead of
// links, where what is too old is overwritten by what comes after.
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

	clock, oldest uint32   // the times of the newest and the oldest remembered
	pending       int      // additions since the clock ticked, times ticks
	count         []uint16 // by time: how many of them are remembered
	live          int      // the sum
}

// NewGhosts makes an empty table.
func NewGhosts() (*Ghosts, error) {
	mem, err := sys.Reserve(maxBuckets * bucketSize)
	if err != nil {
		return nil, fmt.Errorf("ghosts of an eviction policy: %w", err)
	}
	g := &Ghosts{mem: mem, cells: sys.Slice[uint32](mem, maxBuckets*places), base: 1, count: make([]uint16, 1<<timeBits)}
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
	return g.bucket(g.number(hash)), uint32(hash>>20)&printMask | 1
}

// number is that of the bucket of a hash.
func (g *Ghosts) number(hash uint64) int {
	// The highest bits chose a shard, so that those of a group may share them.
	h := int(hash & (2*maxBuckets - 1))
	i := h & (2*g.base - 1)
	if i >= g.buckets {
		i &= g.base - 1
	}
	return i
}

func (g *Ghosts) bucket(i int) []uint32 { return g.cells[i*places : (i+1)*places : (i+1)*places] }

// valid says whether a cell is remembered.
func (g *Ghosts) valid(cell uint32) bool {
	return cell != 0 && (g.clock-cell)&timeMask <= (g.clock-g.oldest)&timeMask
}

// drop forgets a valid cell.
func (g *Ghosts) drop(cell uint32) {
	if t := cell & timeMask; g.count[t] > 0 {
		g.count[t]--
		g.live--
	}
}

// Take says whether the hash is among those remembered, and forgets it.
func (g *Ghosts) Take(hash uint64) bool {
	bucket, print := g.at(hash)
	for i, cell := range bucket {
		if cell>>timeBits == print && g.valid(cell) {
			g.drop(cell)
			bucket[i] = 0
			return true
		}
	}
	return false
}

// Fetch pulls what Take and Add will need for the hash towards the processor.
func (g *Ghosts) Fetch(hash uint64) { g.mem.Prefetch(uint64(g.number(hash))*bucketSize, 1) }

// Add remembers the hash, and from now on as many as capacity.
func (g *Ghosts) Add(hash uint64, capacity int) {
	if g.pending += ticks; g.pending >= capacity {
		g.pending = max(g.pending-max(capacity, ticks), 0)
		g.clock = (g.clock + 1) & timeMask
	}
	if g.count[g.clock] < math.MaxUint16 {
		g.count[g.clock]++
		g.live++
	}
	for g.oldest != g.clock && (g.live > capacity || (g.clock-g.oldest)&timeMask > maxAge) {
		g.live -= int(g.count[g.oldest])
		g.count[g.oldest] = 0
		g.oldest = (g.oldest + 1) & timeMask
	}
	g.fit(capacity)
	bucket, print := g.at(hash)
	place, oldest := 0, uint32(0)
	for i, cell := range bucket {
		if !g.valid(cell) || cell>>timeBits == print {
			place = i
			break
		}
		if age := (g.clock - cell) & timeMask; age >= oldest {
			place, oldest = i, age
		}
	}
	bucket[place] = print<<timeBits | g.clock
}

// fit makes the table a little larger or smaller if that suits the capacity.
func (g *Ghosts) fit(capacity int) {
	switch want := capacity / fill; {
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
