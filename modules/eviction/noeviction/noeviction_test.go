package noeviction

import (
	"testing"

	"github.com/redistill-go/redistill/core/store"
	"github.com/redistill-go/redistill/modules/eviction/evictiontest"
)

func TestConformance(t *testing.T) { evictiontest.Run(t, ID, New()) }

func TestNothingIsEvicted(t *testing.T) {
	if New().Evicts() {
		t.Error("it says that it evicts")
	}
	for _, c := range []store.Candidate{{}, {ExpireAt: 1, Size: 1 << 30}} {
		if _, ok := New().Rank(c, 2); ok {
			t.Errorf("it would evict %+v", c)
		}
	}
}
