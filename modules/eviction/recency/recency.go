// Package recency is what allkeys-lru and volatile-lru have in common: they
// evict the key that was used the longest ago, among a few that the store draws
// at random.
//
// The recency of an entry is the time of its last use on a clock of 24 bits
// that ticks every 64 ms and so comes round every 12 days. Not every read counts
// as a use: some are drawn, a tenth of them by default, and those of an entry
// that is already an eighth of the way to its eviction always do. So a key in
// demand is hardly ever written, and a key that is read now and then is still
// known to have been, which a sample alone would miss.
//
// Concurrency: all methods may be called from any goroutine.
package recency

import (
	"math"
	"sync/atomic"
	"time"

	"github.com/redistill-go/redistill/core/eviction"
)

const (
	// tickBits is the length of a tick of the clock: 1<<tickBits ms.
	tickBits = 6
	// ahead is how many ticks the recency of an entry may be in the future,
	// about a quarter of an hour. It is by a moment where threads read the time one after
	// the other, and by more where the system's clock was set back; without
	// this, such an entry would seem to be the oldest of all.
	ahead = 1 << 14
	// staleShare is the part of the way from its last use to its eviction after
	// which an entry is stale, 1 in so many.
	staleShare = 8
	// minShare is the least share of reads that may count.
	minShare = 1e-6
)

// Policy is an eviction.Renewer.
type Policy struct {
	name     string
	volatile bool
	samples  atomic.Int32
	every    uint32
}

var (
	_ eviction.Renewer     = (*Policy)(nil)
	_ eviction.Volatile    = (*Policy)(nil)
	_ eviction.IdleTracker = (*Policy)(nil)
	_ eviction.Tunable     = (*Policy)(nil)
)

// New makes the policy of that name with a valid config. volatile: it evicts
// only entries with an expiry.
func New(name string, volatile bool, c *Config) *Policy {
	p := &Policy{name: name, volatile: volatile, every: uint32(math.Round(1 / c.ReadSampling))}
	p.samples.Store(int32(c.Samples))
	return p
}

// Name is the policy's name in the configuration.
func (p *Policy) Name() string { return p.name }

// Volatile says whether it evicts only entries with an expiry.
func (p *Policy) Volatile() bool { return p.volatile }

// Samples is the configured number.
func (p *Policy) Samples() int { return int(p.samples.Load()) }

// Parameters are those that can be changed while the server runs.
func (p *Policy) Parameters() []eviction.Parameter {
	return []eviction.Parameter{eviction.SamplesParameter(&p.samples)}
}

// ReadSampling is one in how many reads counts as a use.
func (p *Policy) ReadSampling() uint32 { return p.every }

// Insert is the time.
func (p *Policy) Insert(now int64) eviction.Recency { return clock(now) }

// Touch is the time.
func (p *Policy) Touch(_ eviction.Recency, now int64) eviction.Recency { return clock(now) }

// Rank is the time since the last use, in ticks.
func (p *Policy) Rank(c eviction.Candidate, now int64) (rank uint64, ok bool) {
	return idle(c.Recency, now), !p.volatile || c.ExpireAt != 0
}

// idle is the time since the last use, in ticks.
func idle(r eviction.Recency, now int64) uint64 {
	ticks := (clock(now) - r) & eviction.RecencyMask
	if ticks > eviction.RecencyMask-ahead {
		return 0
	}
	return uint64(ticks)
}

// Stale is true of an entry that has gone a good part of the way from its last
// use to its eviction.
func (p *Policy) Stale(r eviction.Recency, now int64, evicted uint64) bool {
	return idle(r, now) > evicted/staleShare
}

// LastUsed is the time on the clock so long ago, as far as it does not come
// round.
func (p *Policy) LastUsed(idle time.Duration, now int64) eviction.Recency {
	ticks := min((idle.Milliseconds()+1<<tickBits-1)>>tickBits, eviction.RecencyMask-ahead)
	return (clock(now) - eviction.Recency(ticks)) & eviction.RecencyMask
}

func clock(now int64) eviction.Recency {
	return eviction.Recency(now>>tickBits) & eviction.RecencyMask
}

// Idle is the time since the last use that counted.
func (p *Policy) Idle(r eviction.Recency, now int64) time.Duration {
	return time.Duration(idle(r, now)<<tickBits) * time.Millisecond
}
