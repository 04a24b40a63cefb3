package volatilettl

import (
	"math"
	"testing"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/eviction/evictiontest"
)

func TestConformance(t *testing.T) { evictiontest.Run(t, ID, New(NewConfig())) }

func TestTheSoonerTheHigher(t *testing.T) {
	p := New(NewConfig())
	last := uint64(math.MaxUint64)
	for _, at := range []int64{math.MinInt64 + 1, -1, 1, 1_800_000_000_000, 1_800_000_000_001, math.MaxInt64} {
		rank, ok := p.Rank(eviction.Candidate{ExpireAt: at}, 0)
		if !ok || rank >= last {
			t.Errorf("expiry %d: rank %d, %v; the one before has %d", at, rank, ok, last)
		}
		last = rank
	}
}

func TestConfig(t *testing.T) {
	for samples, ok := range map[int]bool{0: false, 1: true, 64: true, 65: false} {
		if err := (&Config{Samples: samples}).Validate(); (err == nil) != ok {
			t.Errorf("%d samples: %v", samples, err)
		}
	}
}
