// Package waits counts how often something took how long.
package waits

import (
	"sync/atomic"
	"time"
)

// bounds are the upper bounds of the buckets in which waits are counted; a
// last one has what is longer.
var bounds = [...]time.Duration{
	20 * time.Microsecond, 50 * time.Microsecond,
	100 * time.Microsecond, 200 * time.Microsecond, 500 * time.Microsecond,
	time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond,
	10 * time.Millisecond, 100 * time.Millisecond,
}

// Bounds are the upper bounds of the buckets of Waits, ascending.
func Bounds() []time.Duration { return bounds[:] }

// Waits is how often something took how long.
type Waits struct {
	Counts  [len(bounds) + 1]int64 // by Bounds; the last one: longer
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

// Counter counts waits. Any goroutine may use it; it is for slow paths only.
type Counter struct {
	counts  [len(bounds) + 1]atomic.Int64
	sum     atomic.Int64
	longest atomic.Int64
}

// Add counts one more.
func (c *Counter) Add(d time.Duration) {
	i := 0
	for i < len(bounds) && d > bounds[i] {
		i++
	}
	c.counts[i].Add(1)
	c.sum.Add(int64(d))
	for old := c.longest.Load(); int64(d) > old && !c.longest.CompareAndSwap(old, int64(d)); {
		old = c.longest.Load()
	}
}

// Read is what was counted, each number at its own moment.
func (c *Counter) Read() (w Waits) {
	for i := range c.counts {
		w.Counts[i] = c.counts[i].Load()
	}
	w.Sum, w.Longest = time.Duration(c.sum.Load()), time.Duration(c.longest.Load())
	return w
}
