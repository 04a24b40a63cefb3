package stats

import (
	"sync"
	"time"
)

// SampleEvery is how often Sample is to be called.
const SampleEvery = 100 * time.Millisecond

// rateSamples is over how many samples a rate is the mean.
const rateSamples = 16

// Rates are what happened lately, per second.
type Rates struct {
	Commands, NetInput, NetOutput float64 // commands, bytes, bytes
}

// rates keeps the samples that Rates are made from.
type rates struct {
	mu      sync.Mutex
	at      time.Time
	last    [3]int64 // the counters at that time
	samples [rateSamples][3]float64
	next    int
}

// Sample looks at the counters that Rates are made from.
func (s *Stats) Sample(now time.Time) {
	counters := [3]int64{s.Commands.Load(), s.NetInput.Load(), s.NetOutput.Load()}
	r := &s.rates
	r.mu.Lock()
	defer r.mu.Unlock()
	if since := now.Sub(r.at).Seconds(); !r.at.IsZero() && since > 0 {
		for i, n := range counters {
			// A counter that was reset in between is less than it was.
			r.samples[r.next][i] = float64(max(n-r.last[i], 0)) / since
		}
		r.next = (r.next + 1) % rateSamples
	}
	r.at, r.last = now, counters
}

// Rates returns the means over the last 16 samples.
func (s *Stats) Rates() Rates {
	r := &s.rates
	r.mu.Lock()
	defer r.mu.Unlock()
	var sum [3]float64
	for _, sample := range r.samples {
		for i, v := range sample {
			sum[i] += v / rateSamples
		}
	}
	return Rates{Commands: sum[0], NetInput: sum[1], NetOutput: sum[2]}
}
