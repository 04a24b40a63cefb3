package store

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/store/arena"
	"github.com/redistill-go/redistill/core/sys"
)

// shifter writes values of lengths that a phase chooses, until it has written a
// multiple of the limit, and lets Relieve run as often as the background would.
type shifter struct {
	st    *Store
	limit int64
	next  int
	now   int64
	alone bool // Relieve does not run
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

const (
	// longest is the longest value that is written.
	longest = 64 << 10
	// perMilli is how many bytes are written in a millisecond of the clock: more
	// than one writer can, by which the clock is slower than the machine.
	perMilli = 512 << 10
)

// mostUsed is how much one writer may use at most, in bytes. Admit lets a write of
// n bytes go on where full - n are used, or, its time being over, where it has
// freed more than the write adds. So what is used is over full by what one write
// adds beyond its n bytes, which are a header, a key and what a block is rounded
// up, and by what indexes have grown since: a quarter of what each is now. Every
// write makes up for a hundred times its own part of that, so that none grows
// twice before.
func (c *shifter) mostUsed() int64 {
	index := 0
	for i := range c.st.shards {
		index += len(c.st.shards[i].tab.Load().Slots) * 8
	}
	const rounded = arena.PageSize // beyond arena.MaxSmall; below it is at most an eighth, which is less
	entry := int(headerSize(0)) + len(numbered(c.st, 0).Bytes) + rounded
	return marksOf(c.limit).full + int64(entry+index/4)
}

// leastUsed is how far eviction goes down at most, in bytes: to target, which is
// a twenty-fifth below the limit at most, and further by what one step of compaction
// evicts and by one entry.
func (c *shifter) leastUsed() int64 {
	return c.limit - c.limit/25 - c.limit/slackShare - stepBytes - 2*int64(arena.Round(2*longest))
}

// mostHeld is how much is held at most, in bytes. Beyond over writers compact before
// they add anything, and free huge pages are returned, so one write can go over it,
// and only by the huge page that it takes.
func (c *shifter) mostHeld() int64 { return marksOf(c.limit).most + sys.HugePage }

func (c *shifter) write(t *testing.T, total int64, length func() int) {
	t.Helper()
	value := pattern(1, longest)
	for written := int64(0); written < total; c.next++ {
		n := length()
		if written += int64(n); written/perMilli != (written-int64(n))/perMilli {
			c.now++
		}
		if !c.st.Admit(c.now, n) {
			t.Fatalf("write %d was refused: %+v", c.next, c.st.Memory())
		}
		mustSet(t, c.st, numbered(c.st, c.next), value[:n], 0, c.now)
		held := c.st.occupied() // who is alone returns nothing to the system
		if !c.alone {
			c.relieve(t)
			held = c.st.Memory().Resident + c.st.outside()
		}
		m := c.st.Memory()
		if held > c.mostHeld() {
			t.Fatalf("write %d: %d bytes are held, want at most %d: %+v", c.next, held, c.mostHeld(), m)
		}
		if used := m.Allocated + m.Overhead; used > marksOf(c.limit).full && used > c.mostUsed() {
			t.Fatalf("write %d: %d bytes are used, want at most %d of %d: %+v", c.next, used, c.mostUsed(), c.limit, m)
		}
	}
}

func (c *shifter) relieve(t *testing.T) {
	t.Helper()
	select {
	case <-c.st.Pressed():
		if _, err := c.st.Relieve(c.now); err != nil {
			t.Fatal(err)
		}
	default:
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
	c := &shifter{st: st, limit: limit, now: epoch}
	phases := []struct {
		what   string
		length func() int
	}{
		{"mixed", func() int { return logUniform(rnd, 16, longest) }},
		{"small", func() int { return logUniform(rnd, 128, 1024) }},
		{"large", func() int { return logUniform(rnd, 16<<10, longest) }},
		{"small again", func() int { return logUniform(rnd, 128, 1024) }},
		{"mixed again", func() int { return logUniform(rnd, 16, longest) }},
	}
	if c.mostUsed() > limit {
		t.Fatalf("%d bytes may be used under a limit of %d", c.mostUsed(), limit)
	}
	for _, p := range phases {
		c.write(t, limit, p.length)
		m := st.Memory()
		if used := m.Allocated + m.Overhead; used < c.leastUsed() {
			t.Errorf("%s: %.1f %% of the limit are used: %+v", p.what, float64(used)/limit*100, m)
		}
		checkStore(t, st, st.Key, 0)
	}
	if least.n == 0 || least.used < c.leastUsed() {
		t.Errorf("%d evictions, the lowest at %.1f %% of the limit", least.n, float64(least.used)/limit*100)
	}
}

// slowListener makes every eviction take a while.
type slowListener struct{ while time.Duration }

func (l *slowListener) KeyChanged(_ int, _ []byte, what Change) {
	if what == Evicted {
		for begin := time.Now(); time.Since(begin) < l.while; {
		}
	}
}

func (l *slowListener) AllFlushed() {}

// However slow the machine is, a write frees what it adds: no more is used where
// one large value after the other comes into a store of small ones, and the time
// that a write usually takes is over long before it has room.
func TestMemoryStaysWithinTheLimitWhereEvictionIsSlow(t *testing.T) {
	const limit = 32 << 20
	st := newStore(t, Options{MaxMemory: limit, Policy: &clockPolicy{samples: 5, sampling: 1}})
	slow := &slowListener{}
	st.SetListener(slow)
	st.ListenAll(1)
	rnd := rand.New(rand.NewPCG(1, 2))
	c := &shifter{st: st, limit: limit, now: epoch, alone: true}
	c.write(t, limit, func() int { return logUniform(rnd, 128, 1024) })
	slow.while = shortWait / 50 // so much as fifty small entries, while a large one takes the room of a hundred
	c.write(t, limit/2, func() int { return logUniform(rnd, 32<<10, longest) })
	checkStore(t, st, st.Key, 0)
}
