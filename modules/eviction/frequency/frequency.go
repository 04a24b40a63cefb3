// Package frequency is what allkeys-lfu and volatile-lfu have in common: they
// evict the key that is used the least often, among a few that the store draws
// at random.
//
// The recency of an entry is, as in Redis, the minute of its last use in 16
// bits and in 8 bits the logarithm of how often it is used: a counter that a
// use increments with a probability that falls with its height, and that loses
// one for each lfu-decay-time minutes in which the key is not used. A new key
// starts with 5, so that it is not evicted at once.
//
// Concurrency: all methods may be called from any goroutine.
package frequency

import (
	"math/rand/v2"
	"sync/atomic"

	"github.com/redistill-go/redistill/core/eviction"
)

const (
	counterBits = 8
	maxCounter  = 1<<counterBits - 1
	minuteMask  = 1<<(24-counterBits) - 1
	// initial is the counter of a new key.
	initial = 5
	// ahead is how many minutes the last use may be in the future, where clocks
	// are set back, rather than nearly 2^16 minutes ago.
	ahead = 60
)

// Policy is an eviction.Sampler.
type Policy struct {
	name      string
	volatile  bool
	samples   atomic.Int32
	logFactor atomic.Int32
	decayTime atomic.Int32 // minutes; 0: counters don't fall
}

var (
	_ eviction.Volatile         = (*Policy)(nil)
	_ eviction.FrequencyTracker = (*Policy)(nil)
	_ eviction.Tunable          = (*Policy)(nil)
)

// New makes the policy of that name with a valid config. volatile: it evicts
// only entries with an expiry.
func New(name string, volatile bool, c *Config) *Policy {
	p := &Policy{name: name, volatile: volatile}
	p.samples.Store(int32(c.Samples))
	p.logFactor.Store(int32(c.LogFactor))
	p.decayTime.Store(int32(c.DecayTime))
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
	return []eviction.Parameter{
		eviction.SamplesParameter(&p.samples),
		eviction.IntParameter("lfu-log-factor", "how much harder each further step of the counter of uses is", 0, maxLogFactor, &p.logFactor),
		eviction.IntParameter("lfu-decay-time", "minutes without a use after which the counter loses one; 0: never", 0, maxDecayTime, &p.decayTime),
	}
}

// ReadSampling is 1: every read counts. Few of them change the counter, and
// only those write memory.
func (p *Policy) ReadSampling() uint32 { return 1 }

func minutes(now int64) uint32 { return uint32(now/60_000) & minuteMask }

func recency(counter int, now int64) eviction.Recency {
	return eviction.Recency(minutes(now)<<counterBits | uint32(counter))
}

// Insert is a key that was used now and then.
func (p *Policy) Insert(now int64) eviction.Recency { return recency(initial, now) }

// Touch lets the counter fall for the time that has passed and counts the use.
func (p *Policy) Touch(r eviction.Recency, now int64) eviction.Recency {
	counter := p.Frequency(r, now)
	above := max(counter-initial, 0)
	if counter < maxCounter && rand.Float64()*float64(above*int(p.logFactor.Load())+1) < 1 {
		counter++
	}
	return recency(counter, now)
}

// Frequency is the counter after the time that has passed.
func (p *Policy) Frequency(r eviction.Recency, now int64) int {
	counter := int(r & maxCounter)
	decay := uint32(p.decayTime.Load())
	if decay == 0 {
		return counter
	}
	return max(counter-int(idle(r, now)/decay), 0)
}

// Counted is a key with this counter that was used now.
func (p *Policy) Counted(n int, now int64) eviction.Recency { return recency(n, now) }

// idle is how many minutes ago the last use was.
func idle(r eviction.Recency, now int64) uint32 {
	n := (minutes(now) - uint32(r>>counterBits)) & minuteMask
	if n > minuteMask-ahead {
		return 0
	}
	return n
}

// Rank is the higher the less often the entry is used, and among those that are
// used as often the longer that was ago: many keys have the same counter.
func (p *Policy) Rank(c eviction.Candidate, now int64) (rank uint64, ok bool) {
	seldom := uint64(maxCounter - p.Frequency(c.Recency, now))
	return seldom<<(24-counterBits) | uint64(idle(c.Recency, now)), !p.volatile || c.ExpireAt != 0
}
