// Package noeviction is the policy that keeps every key: when memory is full,
// writes that need more of it are refused.
//
// Concurrency: the policy has no state.
package noeviction

import "github.com/redistill-go/redistill/core/store"

// ID is the module's ID.
const ID = "eviction.noeviction"

// Policy is a store.Policy.
type Policy struct{}

var _ store.Policy = Policy{}

// New makes the policy.
func New() Policy { return Policy{} }

// Name is the policy's name in the configuration.
func (Policy) Name() string { return "noeviction" }

// Evicts is false, so that the methods below are not called.
func (Policy) Evicts() bool { return false }

// Samples is the least that the contract allows.
func (Policy) Samples() int { return 1 }

// ReadSampling is 0: no read matters.
func (Policy) ReadSampling() uint32 { return 0 }

// Insert is 0: nothing is remembered.
func (Policy) Insert(int64) store.Recency { return 0 }

// Touch leaves the recency as it was.
func (Policy) Touch(r store.Recency, _ int64) store.Recency { return r }

// Rank takes no entry.
func (Policy) Rank(store.Candidate, int64) (rank uint64, ok bool) { return 0, false }
