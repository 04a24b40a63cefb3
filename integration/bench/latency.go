package main

import (
	"math"
	"slices"
	"time"
)

// latencies keeps every sample: a few hundred thousand batches at most.
type latencies struct {
	ns []uint32 // saturates at 4.2 s
}

func (l *latencies) reset() { l.ns = l.ns[:0] }

func (l *latencies) add(d time.Duration) {
	l.ns = append(l.ns, uint32(min(d, math.MaxUint32)))
}

// quantiles returns the median and the 99th percentile; 0 without samples.
func (l *latencies) quantiles() (p50, p99 time.Duration) {
	if len(l.ns) == 0 {
		return 0, 0
	}
	slices.Sort(l.ns)
	at := func(q float64) time.Duration {
		return time.Duration(l.ns[int(math.Ceil(q*float64(len(l.ns))))-1])
	}
	return at(0.50), at(0.99)
}
