// Package noeviction is the policy that keeps every key: when memory is full,
// writes that need more of it are refused.
//
// Concurrency: the policy has no state.
package noeviction

import (
	"github.com/redistill-go/redistill/core/eviction"
)

// ID is the module's ID.
const ID = "eviction.noeviction"

func init() { eviction.RegisterPlain(ID, "Full memory refuses writes", New) }

// Policy is an eviction.Policy that is neither a Sampler nor a Queuer, which is
// what never evicts.
type Policy struct{}

var _ eviction.Policy = Policy{}

// New makes the policy.
func New() Policy { return Policy{} }

// Name is the policy's name in the configuration.
func (Policy) Name() string { return "noeviction" }
