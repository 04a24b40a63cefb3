// Package volatilerandom is the policy that evicts any key with an expiry,
// whatever its use.
//
// Concurrency: the policy has no state.
package volatilerandom

import (
	"github.com/redistill-go/redistill/core/eviction"
)

// ID is the module's ID.
const ID = "eviction.volatile-random"

func init() { eviction.RegisterPlain(ID, "Full memory evicts any key with an expiry", New) }

// Policy is an eviction.Sampler.
type Policy struct{}

var _ eviction.Volatile = Policy{}

// New makes the policy.
func New() Policy { return Policy{} }

// Name is the policy's name in the configuration.
func (Policy) Name() string { return "volatile-random" }

// Volatile is true: what has no expiry stays.
func (Policy) Volatile() bool { return true }

// Samples is 1: the store draws at random, and there is nothing to choose by.
func (Policy) Samples() int { return 1 }

// ReadSampling is 0: no read matters, so none writes memory.
func (Policy) ReadSampling() uint32 { return 0 }

// Insert is 0: nothing is remembered.
func (Policy) Insert(int64) eviction.Recency { return 0 }

// Touch leaves the recency as it was.
func (Policy) Touch(r eviction.Recency, _ int64) eviction.Recency { return r }

// Rank takes every entry with an expiry, all alike.
func (Policy) Rank(c eviction.Candidate, _ int64) (rank uint64, ok bool) { return 0, c.ExpireAt != 0 }
