package recency

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/eviction/evictiontest"
)

const now = 1_800_000_000_000 // ms since the Unix epoch

func ms(d time.Duration) int64 { return d.Milliseconds() }

func newPolicy(c *Config) *Policy { return New("allkeys-lru", false, c) }

func TestConformance(t *testing.T) {
	evictiontest.Run(t, "eviction.allkeys-lru", newPolicy(NewConfig()))
	evictiontest.Run(t, "eviction.volatile-lru", New("volatile-lru", true, NewConfig()))
}

func TestReadsOfWhatIsSoonEvictedCount(t *testing.T) {
	p := newPolicy(NewConfig())
	const evicted = 8000 // ticks
	for _, x := range []struct {
		ticks int64
		stale bool
	}{{0, false}, {900, false}, {1100, true}, {20_000, true}, {-5, false}} {
		if got := p.Stale(p.Insert(now-x.ticks<<tickBits), now, evicted); got != x.stale {
			t.Errorf("idle for %d ticks where entries go after %d: stale %v", x.ticks, evicted, got)
		}
	}
}

func rank(t *testing.T, p *Policy, r eviction.Recency, now int64) uint64 {
	t.Helper()
	rank, ok := p.Rank(eviction.Candidate{Recency: r}, now)
	if !ok {
		t.Fatalf("recency %d is not taken", r)
	}
	return rank
}

func TestTheLongerIdleTheHigher(t *testing.T) {
	p := newPolicy(NewConfig())
	// The second moment is one where the clock has come round in between.
	for _, now := range []int64{now, 1 << (24 + tickBits)} {
		previous := rank(t, p, p.Touch(0, now), now)
		if previous != 0 {
			t.Errorf("at %d: an entry used now has rank %d", now, previous)
		}
		for _, idle := range []time.Duration{300 * time.Millisecond, time.Second, time.Minute, time.Hour, 24 * time.Hour, 10 * 24 * time.Hour} {
			r := rank(t, p, p.Insert(now-ms(idle)), now)
			if r <= previous {
				t.Errorf("at %d: idle for %v has rank %d, less time has %d", now, idle, r, previous)
			}
			previous = r
		}
	}
}

func TestTouchRenews(t *testing.T) {
	p := newPolicy(NewConfig())
	old := p.Insert(now - ms(time.Hour))
	if got, want := p.Touch(old, now), p.Insert(now); got != want {
		t.Errorf("recency %d after a use, want %d", got, want)
	}
}

// Threads read the time one after the other, and clocks are set back.
func TestAnEntryFromTheFutureIsFresh(t *testing.T) {
	p := newPolicy(NewConfig())
	for _, ahead := range []time.Duration{time.Millisecond, time.Second, 10 * time.Minute} {
		if r := rank(t, p, p.Insert(now+ms(ahead)), now); r != 0 {
			t.Errorf("used %v in the future: rank %d, want 0", ahead, r)
		}
	}
}

// A tenth of the keys gets all the reads; then half of the keys are evicted.
func TestKeysInDemandStay(t *testing.T) {
	const keys, hot = 1000, 100
	p := newPolicy(NewConfig())
	random := rand.New(rand.NewPCG(1, 2))
	at := int64(now)
	live := make([]eviction.Recency, keys)
	name := make([]int, keys)
	for i := range live {
		live[i], name[i] = p.Insert(at), i
	}
	for read := range hot * 100 {
		at += 10
		if uint32(read)%p.ReadSampling() == 0 {
			i := random.IntN(hot)
			live[i] = p.Touch(live[i], at)
		}
	}
	for range keys / 2 {
		victim, highest := -1, uint64(0)
		for range p.Samples() {
			i := random.IntN(len(live))
			if r := rank(t, p, live[i], at); victim < 0 || r > highest {
				victim, highest = i, r
			}
		}
		last := len(live) - 1
		live[victim], name[victim] = live[last], name[last]
		live, name = live[:last], name[:last]
	}
	kept := 0
	for _, n := range name {
		if n < hot {
			kept++
		}
	}
	if kept < hot*95/100 {
		t.Errorf("%d of the %d keys in demand are left", kept, hot)
	}
}

func TestConfig(t *testing.T) {
	c := NewConfig()
	if err := c.Validate(); err != nil {
		t.Errorf("the defaults are not valid: %v", err)
	}
	for share, every := range map[float64]uint32{1: 1, 0.5: 2, 0.1: 10, 0.9: 1, minShare: 1_000_000} {
		c := &Config{Samples: 64, ReadSampling: share}
		if err := c.Validate(); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
		if p := newPolicy(c); p.ReadSampling() != every || p.Samples() != 64 {
			t.Errorf("%+v: one read in %d, %d samples; want one in %d", c, p.ReadSampling(), p.Samples(), every)
		}
	}
	for _, samples := range []int{-1, 0, 65} {
		for _, share := range []float64{-0.1, 0, minShare / 2, 1.01, math.NaN(), math.Inf(1)} {
			err := (&Config{Samples: samples, ReadSampling: share}).Validate()
			if err == nil || !strings.Contains(err.Error(), "samples: ") || !strings.Contains(err.Error(), "read_sampling: ") {
				t.Errorf("samples %d, read_sampling %v: error %v, want one about both", samples, share, err)
			}
		}
	}
}

// Idle is the time since the last use, to a tick, also right after the clock
// came round and for a use that seems to be in the future.
func TestIdle(t *testing.T) {
	p := newPolicy(&Config{Samples: 5, ReadSampling: 0.1})
	const tick, round = 1 << tickBits, int64(eviction.RecencyMask+1) << tickBits
	for _, used := range []int64{0, 1_700_000_000_000, 2*round - 1000} {
		for _, idle := range []int64{0, 1000, 3_600_000, round / 2} {
			got := p.Idle(p.Insert(used), used+idle).Milliseconds()
			if got < idle-tick || got > idle+tick {
				t.Errorf("used at %d, %d ms ago: %d ms", used, idle, got)
			}
		}
		if got := p.Idle(p.Insert(used+1000), used); got != 0 {
			t.Errorf("used in the future: %v", got)
		}
	}
}
