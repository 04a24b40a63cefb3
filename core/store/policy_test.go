package store

import (
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/redistill-go/redistill/core/eviction"
)

// clockPolicy evicts what was used least recently by a clock that ticks at
// every event.
type clockPolicy struct {
	samples  int
	sampling uint32
	keep     func(eviction.Candidate) bool // entries that are never evicted
	volatile bool                          // what has no expiry is one of them
	clock    atomic.Uint32
	touches  atomic.Uint32
}

var _ eviction.Volatile = (*clockPolicy)(nil)

func (p *clockPolicy) Name() string         { return "clock" }
func (p *clockPolicy) Volatile() bool       { return p.volatile }
func (p *clockPolicy) Samples() int         { return p.samples }
func (p *clockPolicy) ReadSampling() uint32 { return p.sampling }

func (p *clockPolicy) Insert(int64) eviction.Recency { return eviction.Recency(p.clock.Add(1)) }

func (p *clockPolicy) Touch(eviction.Recency, int64) eviction.Recency {
	p.touches.Add(1)
	return eviction.Recency(p.clock.Add(1))
}

func (p *clockPolicy) Rank(c eviction.Candidate, _ int64) (uint64, bool) {
	if p.keep != nil && p.keep(c) {
		return 0, false
	}
	return eviction.RecencyMask - uint64(c.Recency), true
}

func TestReadsAreReportedAsOftenAsThePolicyAsks(t *testing.T) {
	for _, every := range []uint32{0, 1, 10} {
		p := &clockPolicy{samples: 5, sampling: every}
		st := newStore(t, Options{Shards: 1, Policy: p})
		k := numbered(st, 1)
		mustSet(t, st, k, []byte("value"), 0, epoch)
		for range 100 {
			get(st, k, epoch)
		}
		want := uint32(0)
		if every > 0 {
			want = 100 / every
		}
		if got := p.touches.Load(); got != want {
			t.Errorf("one read in %d: %d of 100 reported, want %d", every, got, want)
		}
		sh := st.Lock(k)
		e, _ := sh.Peek(k, epoch)
		if want := eviction.Recency(p.clock.Load()); e.Recency() != want || string(e.Value()) != "value" {
			t.Errorf("recency %d, want %d; value %q", e.Recency(), want, e.Value())
		}
		if p.touches.Load() != want {
			t.Error("Peek was reported")
		}
		sh.Unlock()
	}
}

func TestTheLeastRecentlyUsedKeyIsEvicted(t *testing.T) {
	p := &clockPolicy{samples: 64, sampling: 1}
	st := newStore(t, Options{Shards: 1, Policy: p})
	for i := range 50 {
		mustSet(t, st, numbered(st, i), []byte("value"), 0, epoch)
	}
	get(st, numbered(st, 0), epoch)
	st.SetMaxMemory(st.Memory().Allocated + 10) // writes evict from a little less on
	if !st.Admit(epoch, 0) {
		t.Fatal("nothing evicted")
	}
	if _, _, ok := get(st, numbered(st, 1), epoch); ok {
		t.Error("the oldest key is still there")
	}
	if n := st.Totals(); n.Keys != 49 || n.Evicted != 1 {
		t.Errorf("%+v", n)
	}
}

func TestAnExpiredKeyIsEvictedFirst(t *testing.T) {
	p := &clockPolicy{samples: 64, keep: func(eviction.Candidate) bool { return true }}
	st := newStore(t, Options{Shards: 1, Policy: p})
	for i := range 20 {
		mustSet(t, st, numbered(st, i), []byte("value"), 0, epoch)
	}
	k := numbered(st, 7)
	mustSet(t, st, k, []byte("value"), epoch+5, epoch)
	st.SetMaxMemory(st.Memory().Allocated - 1)
	if st.Admit(epoch+5, 0) {
		t.Fatal("a key was evicted that the policy keeps")
	}
	if !st.Admit(epoch+6, 0) {
		t.Fatal("the expired key was not evicted")
	}
	if n := st.Totals(); n.Keys != 19 || n.Expired != 1 || n.Evicted != 0 {
		t.Errorf("%+v", n)
	}
}

func TestAdmitFindsTheOnlyVictimInAnyShard(t *testing.T) {
	for _, volatile := range []bool{false, true} {
		findsTheOnlyVictim(t, &clockPolicy{samples: 5, volatile: volatile, keep: func(c eviction.Candidate) bool { return c.ExpireAt == 0 }})
	}
}

func findsTheOnlyVictim(t *testing.T, p eviction.Policy) {
	t.Helper()
	st := newStore(t, Options{Shards: 64, Policy: p})
	for i := range 2000 {
		mustSet(t, st, numbered(st, i), []byte("value"), 0, epoch)
	}
	mustSet(t, st, numbered(st, 1234), []byte("value"), epoch+1000, epoch)
	st.SetMaxMemory(st.Memory().Allocated - 1)
	if !st.Admit(epoch, 0) {
		t.Fatal("the only key with an expiry was not found")
	}
	if _, _, ok := get(st, numbered(st, 1234), epoch); ok {
		t.Error("another key was evicted")
	}
	st.SetMaxMemory(1)
	if st.Admit(epoch, 0) {
		t.Error("admitted although nothing can be evicted")
	}
}

func TestWithoutAPolicyTheLimitRefuses(t *testing.T) {
	st := newStore(t, Options{Shards: 2})
	mustSet(t, st, numbered(st, 1), []byte("value"), 0, epoch)
	st.SetMaxMemory(st.Memory().Allocated)
	if !st.Admit(epoch, 0) {
		t.Error("refused at the limit")
	}
	st.SetOverhead(1)
	if st.Admit(epoch, 0) {
		t.Error("admitted although the overhead is over the limit")
	}
	if _, _, ok := get(st, numbered(st, 1), epoch); !ok {
		t.Error("the key is gone")
	}
}

// oneByOne is the mean square of the ages of entries that go, from 0, the oldest,
// to 1, if each is the oldest of some that are drawn.
func oneByOne(keys, samples, gone int) (square float64) {
	rnd := rand.New(rand.NewPCG(7, 8))
	left := make([]int, keys)
	for i := range left {
		left[i] = i
	}
	for range gone {
		at := rnd.IntN(len(left))
		for range samples - 1 {
			if other := rnd.IntN(len(left)); left[other] < left[at] {
				at = other
			}
		}
		age := float64(left[at]) / float64(keys)
		square += age * age / float64(gone)
		left[at] = left[len(left)-1]
		left = left[:len(left)-1]
	}
	return square
}

// Of several entries that go at once no more should have stayed than if each
// had been the oldest of some samples.
func TestEvictingSeveralAtOnceTakesOldOnes(t *testing.T) {
	const keys, samples, gone = 20_000, 10, 2000
	p := &clockPolicy{samples: samples, sampling: 1}
	st := newStore(t, Options{Shards: 4, Policy: p})
	for i := range keys {
		mustSet(t, st, numbered(st, i), []byte("value"), 0, epoch)
	}
	calls := 0
	for ; st.Totals().Evicted < gone; calls++ {
		if !st.Evictor.some(epoch, 0) {
			t.Fatal("nothing evicted")
		}
	}
	if calls > gone/4 {
		t.Errorf("%d evictions in %d steps", gone, calls)
	}
	square, n := 0.0, 0
	for i := range keys {
		if _, _, ok := get(st, numbered(st, i), epoch); !ok {
			age := float64(i) / keys
			square, n = square+age*age, n+1
		}
	}
	if got, want := square/float64(n), oneByOne(keys, samples, n); got > want {
		t.Errorf("the mean square of the ages of %d evicted entries is %.4f; one by one it is %.4f", n, got, want)
	}
	checkStore(t, st, st.Key, 0)
}
