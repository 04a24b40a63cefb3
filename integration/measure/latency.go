package measure

import (
	"math"
	"slices"
	"time"
)

// Latencies keeps every sample: some million at most.
type Latencies struct {
	ns []uint32 // saturates at 4.2 s
}

// Reset forgets all samples.
func (l *Latencies) Reset() { l.ns = l.ns[:0] }

// Add adds a sample.
func (l *Latencies) Add(d time.Duration) {
	l.ns = append(l.ns, uint32(min(d, math.MaxUint32)))
}

// Len is the number of samples.
func (l *Latencies) Len() int { return len(l.ns) }

// Quantile returns the smallest sample that a share q, more than 0 and at most
// 1, of the samples does not exceed; 0 without samples.
func (l *Latencies) Quantile(q float64) time.Duration {
	if len(l.ns) == 0 {
		return 0
	}
	slices.Sort(l.ns)
	return time.Duration(l.ns[int(math.Ceil(q*float64(len(l.ns))))-1])
}
