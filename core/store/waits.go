package store

import (
	"sync/atomic"
	"time"
)

// waitBounds are the upper bounds of the buckets in which waits are counted; a
// last one has what is longer.
var waitBounds = [...]time.Duration{
	20 * time.Microsecond, 50 * time.Microsecond,
	100 * time.Microsecond, 200 * time.Microsecond, 500 * time.Microsecond,
	time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond,
	10 * time.Millisecond, 100 * time.Millisecond,
}

// WaitBounds are the upper bounds of the buckets of Waits, ascending.
func WaitBounds() []time.Duration { return waitBounds[:] }

// Waits is how often something took how long.
type Waits struct {
	Counts  [len(waitBounds) + 1]int64 // by WaitBounds; the last one: longer
	Sum     time.Duration
	Longest time.Duration
}

// Count is how many there were.
func (w Waits) Count() (n int64) {
	for _, c := range w.Counts {
		n += c
	}
	return n
}

// waitCounter counts waits. It is used on slow paths only.
type waitCounter struct {
	counts  [len(waitBounds) + 1]atomic.Int64
	sum     atomic.Int64
	longest atomic.Int64
}

func (c *waitCounter) add(d time.Duration) {
	i := 0
	for i < len(waitBounds) && d > waitBounds[i] {
		i++
	}
	c.counts[i].Add(1)
	c.sum.Add(int64(d))
	for old := c.longest.Load(); int64(d) > old && !c.longest.CompareAndSwap(old, int64(d)); {
		old = c.longest.Load()
	}
}

func (c *waitCounter) read() (w Waits) {
	for i := range c.counts {
		w.Counts[i] = c.counts[i].Load()
	}
	w.Sum, w.Longest = time.Duration(c.sum.Load()), time.Duration(c.longest.Load())
	return w
}

// Waits is how long single commands made room in memory before they ran:
// evicted, or helped to compact. A command that found room is not counted.
func (r *Room) Waits() Waits { return r.waits.read() }

// Holds is how long compaction kept one shard locked, which is what a command
// may have waited for beside Waits.
func (r *Room) Holds() Waits { return r.st.compactor.holds.read() }
