// Package allkeysrandom is the policy that evicts any key, whatever its use:
// the cheapest one, and good where every key is as likely to be asked for as
// the next.
//
// Concurrency: the policy has no state.
package allkeysrandom

import (
	"github.com/redistill-go/redistill/core/eviction"
)

// ID is the module's ID.
const ID = "eviction.allkeys-random"

func init() { eviction.RegisterPlain(ID, "Full memory evicts any key", New) }

// Policy is an eviction.Sampler.
type Policy struct{}

var _ eviction.Sampler = Policy{}

// New makes the policy.
func New() Policy { return Policy{} }

// Name is the policy's name in the configuration.
func (Policy) Name() string { return "allkeys-random" }

// Samples is 1: the store draws at random, and there is nothing to choose by.
func (Policy) Samples() int { return 1 }

// ReadSampling is 0: no read matters, so none writes memory.
func (Policy) ReadSampling() uint32 { return 0 }

// Insert is 0: nothing is remembered.
func (Policy) Insert(int64) eviction.Recency { return 0 }

// Touch leaves the recency as it was.
func (Policy) Touch(r eviction.Recency, _ int64) eviction.Recency { return r }

// Rank takes every entry, all alike.
func (Policy) Rank(eviction.Candidate, int64) (rank uint64, ok bool) { return 0, true }
