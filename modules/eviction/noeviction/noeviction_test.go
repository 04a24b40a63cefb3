package noeviction

import (
	"testing"

	"github.com/redistill-go/redistill/core/store"
	"github.com/redistill-go/redistill/modules/eviction/evictiontest"
)

func TestConformance(t *testing.T) { evictiontest.Run(t, ID, New()) }

func TestNothingIsEvicted(t *testing.T) {
	var p store.Policy = New()
	if _, ok := p.(store.Sampler); ok {
		t.Error("it ranks entries")
	}
	if _, ok := p.(store.Queuer); ok {
		t.Error("it has queues")
	}
}
