package commandtest

import "github.com/redistill-go/redistill/core/eviction"

// EvictsAll is an eviction policy to which every entry is as good as any other.
type EvictsAll struct{}

// Name is that of eviction.Policy.
func (EvictsAll) Name() string { return "evicts-all" }

// Evicts is that of eviction.Policy.
func (EvictsAll) Evicts() bool { return true }

// Samples is that of eviction.Policy.
func (EvictsAll) Samples() int { return 1 }

// ReadSampling is that of eviction.Policy.
func (EvictsAll) ReadSampling() uint32 { return 0 }

// Insert is that of eviction.Policy.
func (EvictsAll) Insert(int64) eviction.Recency { return 0 }

// Touch is that of eviction.Policy.
func (EvictsAll) Touch(r eviction.Recency, _ int64) eviction.Recency { return r }

// Rank is that of eviction.Policy.
func (EvictsAll) Rank(eviction.Candidate, int64) (rank uint64, ok bool) { return 0, true }
