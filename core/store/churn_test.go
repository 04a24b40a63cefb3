package store

import (
	"math"
	"math/rand/v2"
	"testing"
)

// shifter writes values of lengths that a phase chooses, until it has written a
// multiple of the limit, and lets Relieve run as often as the background would.
type shifter struct {
	st    *Store
	limit int64
	next  int
	now   int64
	rnd   *rand.Rand
}

// leastEvicted is a Listener that remembers the least that was used when an
// entry was evicted.
type leastEvicted struct {
	st   *Store
	used int64
	n    int
}

func (l *leastEvicted) KeyChanged(_ int, _ []byte, what Change) {
	if what == Evicted {
		l.used = min(l.used, l.st.used())
		l.n++
	}
}

func (l *leastEvicted) AllFlushed() {}

func logUniform(rnd *rand.Rand, from, to float64) int {
	return int(math.Exp(math.Log(from) + rnd.Float64()*math.Log(to/from)))
}

func (c *shifter) write(t *testing.T, total int64, length func() int) {
	t.Helper()
	value := pattern(1, 64<<10)
	for written := int64(0); written < total; c.next++ {
		n := length()
		written += int64(n)
		if c.next%64 == 0 {
			c.now++
		}
		if !c.st.Admit(c.now, n) {
			t.Fatalf("write %d was refused: %+v", c.next, c.st.Memory())
		}
		mustSet(t, c.st, numbered(c.st, c.next), value[:n], 0, c.now)
		select {
		case <-c.st.Pressed():
			if _, err := c.st.Relieve(c.now); err != nil {
				t.Fatal(err)
			}
		default:
		}
		m := c.st.Memory()
		if held := m.Resident + m.Overhead; held > c.limit+c.limit/10+4<<20 {
			t.Fatalf("write %d: %d bytes are held under a limit of %d: %+v", c.next, held, c.limit, m)
		}
		if used := m.Allocated + m.Overhead; used > c.limit {
			t.Fatalf("write %d: %d bytes are used under a limit of %d: %+v", c.next, used, c.limit, m)
		}
	}
}

func TestMemoryStaysWithinTheLimitAsSizesShift(t *testing.T) {
	const limit = 64 << 20
	st := newStore(t, Options{MaxMemory: limit, Policy: &clockPolicy{samples: 5, sampling: 1}})
	least := &leastEvicted{st: st, used: math.MaxInt64}
	st.SetListener(least)
	st.ListenAll(1)
	st.SetOverhead(12 << 20)
	rnd := rand.New(rand.NewPCG(1, 2))
	c := &shifter{st: st, limit: limit, now: epoch, rnd: rnd}
	phases := []struct {
		what   string
		length func() int
	}{
		{"mixed", func() int { return logUniform(rnd, 16, 64<<10) }},
		{"small", func() int { return logUniform(rnd, 128, 1024) }},
		{"large", func() int { return logUniform(rnd, 16<<10, 64<<10) }},
		{"small again", func() int { return logUniform(rnd, 128, 1024) }},
		{"mixed again", func() int { return logUniform(rnd, 16, 64<<10) }},
	}
	for _, p := range phases {
		c.write(t, limit, p.length)
		m := st.Memory()
		if used := m.Allocated + m.Overhead; used < limit-limit/20 || used > limit {
			t.Errorf("%s: %.1f %% of the limit are used: %+v", p.what, float64(used)/limit*100, m)
		}
		checkStore(t, st, st.Key, 0)
	}
	if least.n == 0 || least.used < limit-limit/20 {
		t.Errorf("%d evictions, the lowest at %.1f %% of the limit", least.n, float64(least.used)/limit*100)
	}
}
