package evictiontest

import (
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/eviction"
)

// start is a moment in ms since the Unix epoch.
const start = 1_800_000_000_000

// moments are times that a policy must bear: one now, others when any clock of
// 24 bits has come round, and what a machine shows before its clock is set.
var moments = []int64{
	start,
	start + (1<<24)*1 + 1,
	start + (1<<24)*256,
	start + (1<<24)*1000,
	start + (1<<24)*60_000,
	0,
	1,
}

func runSampler(t *testing.T, p eviction.Sampler, keys []string) {
	es := newEntries(keys)
	t.Run("its figures are in range", func(t *testing.T) { ranges(t, p) })
	t.Run("it evicts", func(t *testing.T) { evicts(t, p, es) })
	t.Run("it says whether it is volatile", func(t *testing.T) { volatile(t, p, es) })
	t.Run("it believes what it is told of use", func(t *testing.T) { told(t, p) })
	t.Run("recencies keep to their bits", func(t *testing.T) { bits(t, p) })
	t.Run("it judges by its arguments alone", func(t *testing.T) { pure(t, p, es) })
	t.Run("it allocates nothing", func(t *testing.T) { allocates(t, p, es) })
	t.Run("it may be called from any goroutine", func(t *testing.T) { concurrent(t, p, es) })
}

// told checks that what an entry from elsewhere brings along comes back.
func told(t *testing.T, p eviction.Sampler) {
	if f, ok := p.(eviction.FrequencyTracker); ok {
		for n := range 256 {
			if got := f.Frequency(f.Counted(n, start), start); got != n {
				t.Errorf("a counter of %d reads %d", n, got)
			}
		}
	}
	if i, ok := p.(eviction.IdleTracker); ok {
		last := time.Duration(-1)
		for _, d := range []time.Duration{0, time.Second, time.Minute, 24 * time.Hour, 1 << 62, math.MaxInt64} {
			got := i.Idle(i.LastUsed(d, start), start)
			if got < last || d <= 24*time.Hour && (got < d || got > d+time.Second) {
				t.Errorf("what was idle for %v is idle for %v, and %v what was idle for less", d, got, last)
			}
			last = got
		}
	}
}

func ranges(t *testing.T, p eviction.Sampler) {
	if n := p.Samples(); n < 1 || n > 64 {
		t.Errorf("it samples %d entries, want 1 to 64", n)
	}
}

// evicts offers entries of both kinds: with an expiry and without. Of entries of
// which nothing else is known, any may be evicted, or any with an expiry. Of others,
// whether one may be does not depend on when it was used, or else an eviction could
// find none in a full store.
func evicts(t *testing.T, p eviction.Sampler, es *entries) {
	random := rand.New(rand.NewPCG(1, 2))
	_, lasting := p.Rank(eviction.Candidate{}, start)
	_, expiring := p.Rank(eviction.Candidate{ExpireAt: start}, start)
	some := false
	for range 10_000 {
		c, now := candidate(random)
		want := lasting
		if c.ExpireAt != 0 {
			want = expiring
		}
		if _, ok := p.Rank(c, now); ok != want {
			t.Fatalf("%+v at %d: taken %v, want %v", c, now, ok, want)
		}
		c = c.Of(es.from, random.Uint64N(uint64(len(es.keys))))
		_, ok := p.Rank(c, now)
		some = some || ok
		other, later := candidate(random)
		c.Recency = other.Recency
		if c.ExpireAt == 0 {
			now = later
		}
		if _, again := p.Rank(c, now); again != ok {
			t.Fatalf("key %q, %d bytes: taken %v, and %v with another recency", c.Key(), c.Size(), ok, again)
		}
	}
	if !some {
		t.Error("it would evict none of the entries that it was offered: give Run keys that it would")
	}
}

// volatile holds a policy to what it says of entries without an expiry.
func volatile(t *testing.T, p eviction.Sampler, es *entries) {
	v, ok := p.(eviction.Volatile)
	says := ok && v.Volatile()
	random := rand.New(rand.NewPCG(1, 2))
	lasting, expiring := false, false
	for range 10_000 {
		c, now := candidate(random)
		_, taken := p.Rank(c.Of(es.from, random.Uint64N(uint64(len(es.keys)))), now)
		lasting = lasting || taken && c.ExpireAt == 0
		expiring = expiring || taken && c.ExpireAt != 0
	}
	switch {
	case says && lasting:
		t.Error("it is Volatile and would evict an entry without an expiry")
	case !says && !lasting && expiring:
		t.Error("it evicts only entries with an expiry and is not Volatile, so that the store looks for others in vain")
	}
}

func bits(t *testing.T, p eviction.Sampler) {
	for _, now := range moments {
		if r := p.Insert(now); r > eviction.RecencyMask {
			t.Errorf("Insert at %d is %#x, more than 24 bits", now, r)
		}
		for _, old := range []eviction.Recency{0, 1, eviction.RecencyMask / 2, eviction.RecencyMask} {
			if r := p.Touch(old, now); r > eviction.RecencyMask {
				t.Errorf("Touch of %#x at %d is %#x, more than 24 bits", old, now, r)
			}
		}
	}
}

// candidate draws any entry that a store may hold, also one whose recency
// another policy wrote.
func candidate(random *rand.Rand) (eviction.Candidate, int64) {
	now := moments[random.IntN(len(moments))]
	c := eviction.Candidate{Recency: eviction.Recency(random.IntN(eviction.RecencyMask + 1))}
	if random.IntN(2) == 0 {
		c.ExpireAt = now + random.Int64N(1<<40) - 1<<20
	}
	return c, now
}

func pure(t *testing.T, p eviction.Sampler, es *entries) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		c, now := candidate(random)
		c = c.Of(es.from, random.Uint64N(uint64(len(es.keys))))
		rank, ok := p.Rank(c, now)
		if again, stillOK := p.Rank(c, now); again != rank || stillOK != ok {
			t.Fatalf("%+v at %d ranks %d, %v and then %d, %v", c, now, rank, ok, again, stillOK)
		}
	}
}

// sink keeps the compiler from leaving out calls.
type sink struct {
	recency eviction.Recency
	rank    uint64
}

func use(p eviction.Sampler, s *sink, c eviction.Candidate, now int64) {
	s.recency ^= p.Insert(now) ^ p.Touch(c.Recency, now)
	rank, _ := p.Rank(c, now)
	s.rank ^= rank
}

func allocates(t *testing.T, p eviction.Sampler, es *entries) {
	c, now := candidate(rand.New(rand.NewPCG(1, 2)))
	c = c.Of(es.from, 1)
	var s sink
	if n := testing.AllocsPerRun(100, func() { use(p, &s, c, now) }); n != 0 {
		t.Errorf("Insert, Touch and Rank make %v allocations", n)
	}
}

// concurrent is for the race detector.
func concurrent(t *testing.T, p eviction.Sampler, es *entries) {
	const goroutines, rounds = 4, 1000
	var all sync.WaitGroup
	used := make([]int, goroutines)
	for g := range goroutines {
		all.Go(func() {
			random := rand.New(rand.NewPCG(uint64(g), 2))
			var s sink
			for range rounds {
				c, now := candidate(random)
				use(p, &s, c.Of(es.from, random.Uint64N(uint64(len(es.keys)))), now)
				used[g]++
			}
		})
	}
	all.Wait()
	for g, n := range used {
		if n != rounds {
			t.Errorf("goroutine %d made %d of %d rounds", g, n, rounds)
		}
	}
}
