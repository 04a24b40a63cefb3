package frequency

import (
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/eviction/evictiontest"
)

const (
	now    = 1_800_000_000_000 // ms since the Unix epoch
	minute = 60_000
)

func TestConformance(t *testing.T) {
	evictiontest.Run(t, "eviction.allkeys-lfu", New("allkeys-lfu", false, NewConfig()))
	evictiontest.Run(t, "eviction.volatile-lfu", New("volatile-lfu", true, NewConfig()))
}

// The counter after so many uses, for log factors of which Redis documents
// what to expect. It is drawn, so that only its mean can be told.
func TestTheCounterIsLogarithmic(t *testing.T) {
	const draws = 20
	for _, x := range []struct{ factor, uses, low, high int }{
		{0, 100, 105, 105}, {0, 1000, 255, 255}, {10, 100, 7, 14}, {10, 1000, 14, 24}, {10, 100_000, 120, 170}, {100, 1000, 7, 14},
	} {
		p := New("lfu", false, &Config{Samples: 5, LogFactor: x.factor, DecayTime: 1})
		sum := 0
		for range draws {
			r := p.Insert(now)
			for range x.uses {
				r = p.Touch(r, now)
			}
			sum += p.Frequency(r, now)
		}
		if n := sum / draws; n < x.low || n > x.high {
			t.Errorf("factor %d, %d uses: %d on average, want %d to %d", x.factor, x.uses, n, x.low, x.high)
		}
	}
}

func TestTheCounterFallsWithTime(t *testing.T) {
	p := New("lfu", false, &Config{Samples: 5, DecayTime: 2})
	const round = (minuteMask + 1) * minute
	for _, at := range []int64{now, 3*round - minute} {
		r := p.Insert(at)
		for range 95 {
			r = p.Touch(r, at)
		}
		for _, x := range []struct {
			minutes int64
			want    int
		}{{0, 100}, {1, 100}, {2, 99}, {21, 90}, {1000, 0}, {-30, 100}} {
			if n := p.Frequency(r, at+x.minutes*minute); n != x.want {
				t.Errorf("after %d minutes: %d, want %d", x.minutes, n, x.want)
			}
		}
		if n := p.Frequency(p.Touch(r, at+20*minute), at+21*minute); n != 91 {
			t.Errorf("a use after 20 minutes and one more: %d, want 91", n)
		}
	}
	p = New("lfu", false, &Config{Samples: 5})
	if n := p.Frequency(p.Insert(now), now+1000*minute); n != initial {
		t.Errorf("without decay: %d", n)
	}
}

func TestTheLeastUsedGoesFirst(t *testing.T) {
	p := New("lfu", false, NewConfig())
	last := ^uint64(0)
	for counter := range maxCounter + 1 {
		rank, ok := p.Rank(eviction.Candidate{Recency: recency(counter, now)}, now)
		if !ok || rank >= last {
			t.Errorf("counter %d: rank %d, one less has %d", counter, rank, last)
		}
		last = rank
	}
}

func TestConfig(t *testing.T) {
	if err := NewConfig().Validate(); err != nil {
		t.Errorf("the defaults are not valid: %v", err)
	}
	for _, c := range []Config{{0, -1, -1}, {65, maxLogFactor + 1, maxDecayTime + 1}} {
		err := c.Validate()
		for _, key := range []string{"samples", "log_factor", "decay_time"} {
			if err == nil || !strings.Contains(err.Error(), key+": ") {
				t.Errorf("%+v: error %v, want one about %s", c, err, key)
			}
		}
	}
}

func TestOfKeysUsedAsOftenTheLongestUnusedGoesFirst(t *testing.T) {
	p := New("lfu", false, &Config{Samples: 5, DecayTime: 0})
	rank := func(uses int, at int64) uint64 {
		r := p.Insert(at)
		for range uses {
			r = p.Touch(r, at)
		}
		n, ok := p.Rank(eviction.Candidate{Recency: r}, now)
		if !ok {
			t.Fatal("an entry that is never evicted")
		}
		return n
	}
	if old, lately := rank(0, now-10*minute), rank(0, now-minute); old <= lately {
		t.Errorf("ranks %d of the older key, %d of the other", old, lately)
	}
	if seldom, often := rank(0, now), rank(100, now-100*minute); seldom <= often {
		t.Errorf("ranks %d of the key used less often, %d of the other", seldom, often)
	}
}
