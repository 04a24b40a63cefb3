package bysize

import (
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/eviction/evictiontest"
)

func TestConformance(t *testing.T) {
	evictiontest.Run(t, ID, New(NewConfig()))
	evictiontest.Run(t, ID, New(&Config{Samples: 64, Keep: "session:"}), "session:1", "session:2", "sess")
}

// entry is the only one of its store.
type entry struct {
	key  string
	size int64
}

func (e entry) Type(uint64) string { return "string" }
func (e entry) Size(uint64) int64  { return e.size }
func (e entry) Key(uint64) []byte  { return []byte(e.key) }

const now = 1_800_000_000_000 // ms since the Unix epoch

// rank is that of an entry that was used last so many seconds ago.
func rank(t *testing.T, p *Policy, e entry, seconds int64) uint64 {
	t.Helper()
	c := eviction.Candidate{Recency: p.Insert(now - seconds*1000)}
	rank, ok := p.Rank(c.Of(eviction.NewEntries(e), 0), now)
	if !ok {
		t.Fatalf("%q is never evicted", e.key)
	}
	return rank
}

func TestLargeAndIdleGoFirst(t *testing.T) {
	p := New(NewConfig())
	large, small := entry{"large", 1000}, entry{"small", 10}
	for _, x := range []struct {
		first         entry
		firstSeconds  int64
		second        entry
		secondSeconds int64
	}{
		{large, 0, small, 0},
		{large, 60, large, 0},
		{large, 10, small, 1000},
		{small, 2000, large, 10},
		{large, 0, small, -100}, // the small one is from the future
	} {
		if a, b := rank(t, p, x.first, x.firstSeconds), rank(t, p, x.second, x.secondSeconds); a <= b {
			t.Errorf("%+v: %d before %d", x, a, b)
		}
	}
}

func TestKeptKeys(t *testing.T) {
	p := New(&Config{Samples: 10, Keep: "session:"})
	for key, kept := range map[string]bool{"session:1": true, "session:": true, "session": false, "a session:": false, "": false} {
		c := eviction.Candidate{}.Of(eviction.NewEntries(entry{key, 100}), 0)
		if _, ok := p.Rank(c, now); ok == kept {
			t.Errorf("%q may be evicted: %v", key, ok)
		}
	}
}

func TestConfig(t *testing.T) {
	if err := NewConfig().Validate(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	for _, samples := range []int{-1, 0, 65} {
		if err := (&Config{Samples: samples}).Validate(); err == nil || !strings.Contains(err.Error(), "samples: ") {
			t.Errorf("%d samples: %v", samples, err)
		}
	}
}
