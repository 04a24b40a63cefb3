// Package bysize is an eviction policy for caches whose values differ much in size: of
// the keys that are compared, the one goes that has taken the most memory for the
// longest time without being used. Keys that begin with a configured prefix never go.
//
// The recency of an entry is the second of its last use, in 24 bits, which come round
// every 194 days.
//
// Concurrency: all methods may be called from any goroutine.
package bysize

import (
	"bytes"

	"github.com/redistill-go/redistill/core/eviction"
)

// ID is the module's ID.
const ID = "eviction.allkeys-bysize"

func init() {
	eviction.Register(ID, "Full memory evicts the key whose size times its time unused is the largest, by sampling",
		"eviction.allkeys_bysize", NewConfig, New)
}

// Policy is an eviction.Sampler.
type Policy struct {
	samples int
	keep    []byte // keys that begin with it stay; empty: none
}

var _ eviction.Sampler = (*Policy)(nil)

// New makes the policy of a valid config.
func New(c *Config) *Policy { return &Policy{samples: c.Samples, keep: []byte(c.Keep)} }

// Name is the policy's name in the configuration.
func (p *Policy) Name() string { return "allkeys-bysize" }

// Samples is the configured number.
func (p *Policy) Samples() int { return p.samples }

// ReadSampling is every tenth read: the others write no memory.
func (p *Policy) ReadSampling() uint32 { return 10 }

// Insert is the time.
func (p *Policy) Insert(now int64) eviction.Recency { return clock(now) }

// Touch is the time.
func (p *Policy) Touch(_ eviction.Recency, now int64) eviction.Recency { return clock(now) }

// Rank is the entry's size in bytes times the seconds since its last use. An entry
// that was used in this second has been unused for one nevertheless: of many such, the
// largest goes.
func (p *Policy) Rank(c eviction.Candidate, now int64) (rank uint64, ok bool) {
	if len(p.keep) > 0 && bytes.HasPrefix(c.Key(), p.keep) {
		return 0, false
	}
	return uint64(c.Size()) * (1 + idle(c.Recency, now)), true
}

// future is how many seconds the recency of an entry may be ahead of the time: threads
// read it one after the other, and clocks are set back. Without this, such an entry
// would seem to be the oldest of all.
const future = 1 << 12

// idle is the seconds since the last use.
func idle(r eviction.Recency, now int64) uint64 {
	seconds := (clock(now) - r) & eviction.RecencyMask
	if seconds > eviction.RecencyMask-future {
		return 0
	}
	return uint64(seconds)
}

func clock(now int64) eviction.Recency {
	return eviction.Recency(now/1000) & eviction.RecencyMask
}
