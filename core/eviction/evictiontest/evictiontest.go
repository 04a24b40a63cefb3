// Package evictiontest is the conformance suite of eviction policies: every
// policy, of this tree or another, passes Run. It tests the contract alone and
// needs no store.
//
// Concurrency: a run calls the policy from several goroutines, as a store does.
package evictiontest

import (
	"testing"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/module"
)

// Run runs the suite on the policy of the module with this ID. A policy that evicts
// certain keys only is given some of those, which are offered beside others.
func Run(t *testing.T, id string, p eviction.Policy, keys ...string) {
	t.Run("it is named after its module", func(t *testing.T) { named(t, id, p) })
	sampler, samples := p.(eviction.Sampler)
	queuer, queues := p.(eviction.Queuer)
	switch {
	case samples && queues:
		t.Error("it is a Sampler and a Queuer")
	case samples:
		runSampler(t, sampler, keys)
	case queues:
		runQueuer(t, queuer)
	}
}

func named(t *testing.T, id string, p eviction.Policy) {
	if want := string(module.Eviction) + "." + p.Name(); id != want {
		t.Errorf("the module's ID is %q, the policy's name makes it %q", id, want)
	}
}
