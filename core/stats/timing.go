package stats

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// A histogram has 16 buckets for each power of two nanoseconds, so that what
// is read from it is at most 6 % off, up to about 18 minutes.
const (
	subBuckets = 16
	buckets    = 37 * subBuckets
)

type histogram [buckets]atomic.Int64

// bucketOf is where a duration is counted, below bucketEnd of the same bucket.
func bucketOf(d time.Duration) int {
	n := uint64(max(d, 0))
	if n < subBuckets {
		return int(n)
	}
	shift := bits.Len64(n) - 5
	return min((shift+1)*subBuckets+int(n>>shift)-subBuckets, buckets-1)
}

// bucketEnd is the least duration that is too long for the bucket.
func bucketEnd(bucket int) time.Duration {
	if bucket < subBuckets {
		return time.Duration(bucket + 1)
	}
	shift := bucket/subBuckets - 1
	return time.Duration(bucket%subBuckets+subBuckets+1) << shift
}

// Timed records that a call of a command took so long, on behalf of so many
// calls: see Batch.Weight.
func (s *Stats) Timed(index int, took time.Duration, calls int64) {
	c := &s.perCommand[index]
	c.time.Add(int64(took) * calls)
	h := c.times.Load()
	if h == nil {
		// Few commands of the table are ever used; only those have one.
		h = new(histogram)
		if !c.times.CompareAndSwap(nil, h) {
			h = c.times.Load()
		}
	}
	if h != nil { // Reset may have been there in between
		h[bucketOf(took)].Add(calls)
	}
}

// Timing is how long the calls of one command took.
type Timing struct {
	Total time.Duration
	Calls int64 // those that Total and the counts stand for

	counts [buckets]int64
}

// Timing returns how long the calls of a command took since the start or the
// last Reset.
func (s *Stats) Timing(index int) Timing {
	c := &s.perCommand[index]
	t := Timing{Total: time.Duration(c.time.Load())}
	if h := c.times.Load(); h != nil {
		for i := range h {
			t.counts[i] = h[i].Load()
			t.Calls += t.counts[i]
		}
	}
	return t
}

// Spent is the time that all calls of a command took: Timing's Total.
func (s *Stats) Spent(index int) time.Duration {
	return time.Duration(s.perCommand[index].time.Load())
}

// Quantile is the duration that the share q of the calls, 0 to 1, stayed
// below; 0 if there were none.
func (t *Timing) Quantile(q float64) time.Duration {
	want, seen := int64(q*float64(t.Calls)+0.5), int64(0)
	want = max(want, 1)
	for i, n := range t.counts {
		if seen += n; seen >= want {
			return bucketEnd(i)
		}
	}
	return 0
}

// Below is how many calls took less than d, to the precision of the buckets.
func (t *Timing) Below(d time.Duration) int64 {
	n := int64(0)
	for i := range bucketOf(d) {
		n += t.counts[i]
	}
	return n
}
