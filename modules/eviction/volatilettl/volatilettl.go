// Package volatilettl is the policy that evicts the key that would expire the
// soonest, among a few with an expiry that the store draws at random.
//
// Concurrency: all methods may be called from any goroutine.
package volatilettl

import (
	"sync/atomic"

	"github.com/redistill-go/redistill/core/eviction"
)

// ID is the module's ID.
const ID = "eviction.volatile-ttl"

func init() {
	eviction.Register(ID, "Full memory evicts the key that would expire the soonest, by sampling",
		"eviction.volatile_ttl", NewConfig, New)
}

// Policy is an eviction.Sampler.
type Policy struct{ samples atomic.Int32 }

var (
	_ eviction.Volatile = (*Policy)(nil)
	_ eviction.Tunable  = (*Policy)(nil)
)

// New makes the policy of a valid config.
func New(c *Config) *Policy {
	p := &Policy{}
	p.samples.Store(int32(c.Samples))
	return p
}

// Name is the policy's name in the configuration.
func (p *Policy) Name() string { return "volatile-ttl" }

// Volatile is true: what has no expiry stays.
func (p *Policy) Volatile() bool { return true }

// Samples is the configured number.
func (p *Policy) Samples() int { return int(p.samples.Load()) }

// Parameters are those that can be changed while the server runs.
func (p *Policy) Parameters() []eviction.Parameter {
	return []eviction.Parameter{eviction.SamplesParameter(&p.samples)}
}

// ReadSampling is 0: no read matters.
func (p *Policy) ReadSampling() uint32 { return 0 }

// Insert is 0: nothing is remembered.
func (p *Policy) Insert(int64) eviction.Recency { return 0 }

// Touch leaves the recency as it was.
func (p *Policy) Touch(r eviction.Recency, _ int64) eviction.Recency { return r }

// Rank is the higher the sooner the entry expires.
func (p *Policy) Rank(c eviction.Candidate, _ int64) (rank uint64, ok bool) {
	// With its sign bit the other way round, a time orders as a uint64.
	return ^(uint64(c.ExpireAt) ^ 1<<63), c.ExpireAt != 0
}
