package noeviction

import (
	"testing"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/eviction/evictiontest"
)

func TestConformance(t *testing.T) { evictiontest.Run(t, ID, New()) }

func TestNothingIsEvicted(t *testing.T) {
	var p eviction.Policy = New()
	if _, ok := p.(eviction.Sampler); ok {
		t.Error("it ranks entries")
	}
	if _, ok := p.(eviction.Queuer); ok {
		t.Error("it has queues")
	}
}
