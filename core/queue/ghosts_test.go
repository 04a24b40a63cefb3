package queue

import (
	"math/rand/v2"
	"testing"
)

func newGhosts(t *testing.T) *Ghosts {
	t.Helper()
	g, err := NewGhosts()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	return g
}

// fifo is what Ghosts imitates.
type fifo struct {
	order []uint64
	there map[uint64]bool
}

func (f *fifo) add(h uint64, capacity int) {
	f.order = append(f.order, h)
	f.there[h] = true
	for len(f.there) > capacity {
		h := f.order[0]
		f.order = f.order[1:]
		delete(f.there, h)
	}
}

func (f *fifo) take(h uint64) bool {
	ok := f.there[h]
	delete(f.there, h)
	return ok
}

// Ghosts answer like a queue in all but a small share of questions, also where
// most of what is added is taken soon and what is not grows old.
func TestGhostsAreLikeAQueue(t *testing.T) {
	for _, capacity := range []int{10, 1000, 5000, 100_000} {
		for _, takes := range []int{1, 4} {
			g := newGhosts(t)
			f := &fifo{there: map[uint64]bool{}}
			random := rand.New(rand.NewPCG(1, 2))
			added := make([]uint64, 0, 4*capacity)
			asked, wrong := 0, 0
			for range 6 * capacity {
				h := random.Uint64()
				f.add(h, capacity)
				g.Add(h, capacity)
				added = append(added, h)
				for range takes {
					h := added[len(added)-1-random.IntN(min(len(added), 3*capacity))]
					asked++
					if g.Take(h) != f.take(h) {
						wrong++
					}
				}
			}
			if wrong*50 > asked {
				t.Errorf("capacity %d, %d taken for each added: %d of %d answers are wrong", capacity, takes, wrong, asked)
			}
		}
	}
}

func TestAHashThatWasNeverAddedIsRarelyTaken(t *testing.T) {
	g := newGhosts(t)
	random := rand.New(rand.NewPCG(1, 2))
	const capacity, asked = 50_000, 200_000
	for range 2 * capacity {
		g.Add(random.Uint64(), capacity)
	}
	taken := 0
	for range asked {
		if g.Take(random.Uint64()) {
			taken++
		}
	}
	if taken > asked/5000 {
		t.Errorf("%d of %d were taken", taken, asked)
	}
}

func TestGhostsGrowAndShrinkWithTheCapacity(t *testing.T) {
	g := newGhosts(t)
	random := rand.New(rand.NewPCG(1, 2))
	for _, step := range []struct{ capacity, adds int }{{1_000_000, 2_000_000}, {1000, 200_000}, {300_000, 600_000}} {
		for range step.adds {
			g.Add(random.Uint64(), step.capacity)
		}
		most := int64(step.capacity*8 + 2*16*4096)
		if got := g.Bytes(); got > most || got < int64(step.capacity)*4 {
			t.Errorf("capacity %d: %d bytes, want at most %d", step.capacity, got, most)
		}
		h := random.Uint64()
		if g.Add(h, step.capacity); !g.Take(h) || g.Take(h) {
			t.Errorf("capacity %d: what was added last is not there once", step.capacity)
		}
	}
}

func TestGhostsAllocateNothing(t *testing.T) {
	g := newGhosts(t)
	h := uint64(0)
	if n := testing.AllocsPerRun(10_000, func() {
		h += 0x9e3779b97f4a7c15
		g.Add(h, 5000)
		g.Take(h * 3)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
