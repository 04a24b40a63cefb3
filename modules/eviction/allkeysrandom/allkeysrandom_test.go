package allkeysrandom

import (
	"testing"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/eviction/evictiontest"
)

func TestConformance(t *testing.T) { evictiontest.Run(t, ID, New()) }

func TestEveryKeyIsAsLikely(t *testing.T) {
	const now = 1_800_000_000_000
	p := New()
	if p.Samples() != 1 || p.ReadSampling() != 0 {
		t.Errorf("samples %d, read sampling %d", p.Samples(), p.ReadSampling())
	}
	for _, c := range []eviction.Candidate{{}, {Recency: eviction.RecencyMask, ExpireAt: now + 1}} {
		if rank, ok := p.Rank(c, now); rank != 0 || !ok {
			t.Errorf("%+v has rank %d, %v", c, rank, ok)
		}
	}
}
