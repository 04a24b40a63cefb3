// Package evictiontest is the conformance suite of eviction policies: every
// policy, of this tree or another, passes Run. It tests the contract alone and
// needs no store.
package evictiontest

import (
	"testing"

	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/store"
)

// Run runs the suite on the policy of the module with this ID.
func Run(t *testing.T, id string, p store.Policy) {
	t.Run("it is named after its module", func(t *testing.T) { named(t, id, p) })
	sampler, samples := p.(store.Sampler)
	queuer, queues := p.(store.Queuer)
	switch {
	case samples && queues:
		t.Error("it is a Sampler and a Queuer")
	case samples:
		runSampler(t, sampler)
	case queues:
		runQueuer(t, queuer)
	}
}

func named(t *testing.T, id string, p store.Policy) {
	if want := string(module.Eviction) + "." + p.Name(); id != want {
		t.Errorf("the module's ID is %q, the policy's name makes it %q", id, want)
	}
}
