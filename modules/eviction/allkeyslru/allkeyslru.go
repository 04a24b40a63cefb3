// Package allkeyslru is the policy that evicts the key that was used the
// longest ago, among a few that the store draws at random.
//
// The recency of an entry is the time of its last use on a clock of 24 bits
// that ticks every 256 ms and so comes round every 49 days. Only a sample of
// the reads counts as a use: a key in demand is read often enough to be among
// them, and the other reads write no memory.
//
// Concurrency: the policy does not change once made.
package allkeyslru

import (
	"math"
	"time"

	"github.com/redistill-go/redistill/core/store"
)

// ID is the module's ID.
const ID = "eviction.allkeys-lru"

const (
	// tickBits is the length of a tick of the clock: 1<<tickBits ms.
	tickBits = 8
	// ahead is how many ticks the recency of an entry may be in the future,
	// about an hour. It is by a moment where threads read the time one after
	// the other, and by more where the system's clock was set back; without
	// this, such an entry would seem to be the oldest of all.
	ahead = 1 << 14
	// minShare is the least share of reads that may count.
	minShare = 1e-6
)

// Policy is a store.Sampler.
type Policy struct {
	samples int
	every   uint32
}

var (
	_ store.Sampler     = (*Policy)(nil)
	_ store.IdleTracker = (*Policy)(nil)
)

// New makes the policy of a valid config.
func New(c *Config) *Policy {
	return &Policy{samples: c.Samples, every: uint32(math.Round(1 / c.ReadSampling))}
}

// Name is the policy's name in the configuration.
func (p *Policy) Name() string { return "allkeys-lru" }

// Samples is the configured number.
func (p *Policy) Samples() int { return p.samples }

// ReadSampling is one in how many reads counts as a use.
func (p *Policy) ReadSampling() uint32 { return p.every }

// Insert is the time.
func (p *Policy) Insert(now int64) store.Recency { return clock(now) }

// Touch is the time.
func (p *Policy) Touch(_ store.Recency, now int64) store.Recency { return clock(now) }

// Rank is the time since the last use, in ticks.
func (p *Policy) Rank(c store.Candidate, now int64) (rank uint64, ok bool) {
	idle := (clock(now) - c.Recency) & store.RecencyMask
	if idle > store.RecencyMask-ahead {
		idle = 0
	}
	return uint64(idle), true
}

func clock(now int64) store.Recency {
	return store.Recency(now>>tickBits) & store.RecencyMask
}

// Idle is the time since the last use that counted.
func (p *Policy) Idle(r store.Recency, now int64) time.Duration {
	ticks, _ := p.Rank(store.Candidate{Recency: r}, now)
	return time.Duration(ticks<<tickBits) * time.Millisecond
}
