package index_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/redistill-go/redistill/core/store/arena"
	"github.com/redistill-go/redistill/core/store/index"
)

const fragments = 1 << index.FragBits

func newArena(t testing.TB, reserve uint64) *arena.Arena {
	a, err := arena.New(1, reserve, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// entry is a fragment and the block that stands for an entry.
type entry struct {
	frag uint64
	ref  arena.Ref
}

// model is an index, beside which a list says what it has.
type model struct {
	x    index.Index
	list []entry
	next arena.Ref
}

func newModel(a *arena.Arena) *model {
	m := &model{next: 1}
	m.x.Init(a, 0, 3)
	return m
}

func (m *model) insert(t interface{ Fatal(...any) }, frag uint64) {
	m.next++
	if _, err := m.x.Insert(frag, m.x.Load().At(frag), m.next); err != nil {
		t.Fatal(err)
	}
	m.list = append(m.list, entry{frag, m.next})
}

// remove removes the i-th of the list.
func (m *model) remove(t interface{ Fatal(...any) }, i int) {
	e := m.list[i]
	slot, ok := m.x.Load().Find(e.frag<<arena.RefBits | uint64(e.ref))
	if !ok {
		t.Fatal("an entry is not found")
	}
	m.x.Remove(slot)
	m.list = slices.Delete(m.list, i, i+1)
}

type fatal interface {
	Fatal(...any)
	Fatalf(string, ...any)
}

// check compares all entries, and looks at what the package comment promises.
func (m *model) check(t fatal) {
	tab := m.x.Load()
	if m.x.Len() != len(m.list) || m.x.Len() > tab.Limit() {
		t.Fatalf("%d entries of %d at most, want %d", m.x.Len(), tab.Limit(), len(m.list))
	}
	if tab.Slots[len(tab.Slots)-1] != 0 {
		t.Fatal("the last word is in use")
	}
	var found []entry
	last, gap := uint64(0), -1
	for i, w := range tab.Slots {
		if w == 0 {
			gap = i
			continue
		}
		frag := index.Frag(w)
		if frag < last {
			t.Fatalf("slot %d: fragment %x after %x", i, frag, last)
		}
		if home := int(tab.Home(frag)); home > i || home <= gap {
			t.Fatalf("slot %d: home %d, empty slot %d", i, home, gap)
		}
		if got := tab.Resume(tab.PlaceOf(i)); got != i {
			t.Fatalf("the place of slot %d is slot %d", i, got)
		}
		last = frag
		found = append(found, entry{frag, index.Ref(w)})
	}
	byRef := func(a, b entry) int { return int(a.ref) - int(b.ref) }
	want := slices.SortedFunc(slices.Values(m.list), byRef)
	slices.SortFunc(found, byRef)
	if !slices.Equal(found, want) {
		t.Fatalf("entries %v, want %v", found, want)
	}
}

// Entries are found in their order whatever is inserted and removed, also where many
// share a fragment or its first bits.
func TestIndexKeepsTheOrder(t *testing.T) {
	a := newArena(t, 64<<20)
	rapid.Check(t, func(rt *rapid.T) {
		m := newModel(a)
		defer func() { m.x.Free(m.x.Take()) }()
		spread := rapid.SampledFrom([]uint64{1, 3, 1000, fragments / 16, fragments}).Draw(rt, "spread")
		most := 3000
		if spread <= 1000 {
			most = 200 // hashes are not so unlucky that more come together
		}
		from := rapid.SampledFrom([]uint64{0, fragments - spread}).Draw(rt, "from")
		for range rapid.IntRange(1, 8).Draw(rt, "rounds") {
			for range rapid.IntRange(0, min(600, most-len(m.list))).Draw(rt, "inserts") {
				m.insert(rt, from+rapid.Uint64Range(0, spread-1).Draw(rt, "frag"))
			}
			m.check(rt)
			for range rapid.IntRange(0, len(m.list)).Draw(rt, "removes") {
				m.remove(rt, rapid.IntRange(0, len(m.list)-1).Draw(rt, "which"))
			}
			m.check(rt)
		}
	})
}

// A walk that goes on from fragments meets all that was there from its beginning to
// its end once, however the index grows and shrinks between its steps.
func TestWalksGoOnWhateverTheLength(t *testing.T) {
	m := newModel(newArena(t, 64<<20))
	const stay = 2000
	for range stay {
		m.insert(t, rand.Uint64N(fragments))
	}
	seen := map[arena.Ref]int{}
	for frag, steps := uint64(0), 0; ; steps++ {
		tab := m.x.Load()
		slot := tab.Next(frag)
		if slot < 0 {
			break
		}
		end := tab.GroupEnd(slot)
		for _, w := range tab.Slots[slot:end] {
			seen[index.Ref(w)]++
		}
		frag = index.Frag(tab.Slots[end-1]) + 1
		if frag == fragments {
			break
		}
		if steps/200%2 == 0 {
			for range 20 {
				m.insert(t, rand.Uint64N(fragments))
			}
		} else {
			for range min(20, len(m.list)-stay) {
				m.remove(t, len(m.list)-1)
			}
		}
	}
	for _, e := range m.list[:stay] {
		if seen[e.ref] != 1 {
			t.Fatalf("fragment %x was met %d times", e.frag, seen[e.ref])
		}
	}
}

func TestGatherGoesRound(t *testing.T) {
	m := newModel(newArena(t, 64<<20))
	for range 100 {
		m.insert(t, rand.Uint64N(fragments))
	}
	tab := m.x.Load()
	var words [200]uint64
	from := len(tab.Slots) / 2
	n, next := tab.Gather(words[:], from)
	if n != 100 || next != from {
		t.Fatalf("%d words of 100, then at slot %d, want %d", n, next, from)
	}
	slices.Sort(words[:n])
	if slices.Contains(words[:n], 0) || len(slices.Compact(words[:n])) != 100 {
		t.Fatal("words came twice")
	}
	if n, _ := tab.Gather(words[:7], from); n != 7 {
		t.Fatalf("%d words, want 7", n)
	}
}

// What is removed gives its memory back, and want of memory changes nothing.
func TestIndexAndMemory(t *testing.T) {
	a := newArena(t, 8<<20)
	m := newModel(a)
	if tab := m.x.Load(); tab.Bytes() != 0 || tab.Block() != 0 || a.Allocated() != 0 {
		t.Fatalf("an empty index takes %d bytes", a.Allocated())
	}
	var taken []arena.Ref
	const n = 64 << 10
	for {
		r, err := a.Alloc(0, n)
		if err != nil {
			break
		}
		taken = append(taken, r)
	}
	for {
		before := m.x.Load()
		m.next++
		frag := rand.Uint64N(fragments)
		grown, err := m.x.Insert(frag, before.At(frag), m.next)
		if err != nil {
			if !errors.Is(err, arena.ErrNoMemory) || grown || m.x.Load() != before {
				t.Fatalf("%v; grown %v", err, grown)
			}
			break
		}
		m.list = append(m.list, entry{frag, m.next})
	}
	m.check(t)
	for len(m.list) > 0 {
		m.remove(t, rand.IntN(len(m.list)))
	}
	for _, r := range taken {
		a.Free(0, r, n)
	}
	m.insert(t, 5)
	m.remove(t, 0)
	m.insert(t, 5)
	old := m.x.Take()
	if m.x.Len() != 0 || m.x.Load().Next(0) >= 0 {
		t.Fatal("what was taken is still there")
	}
	if slot := old.Next(0); index.Frag(old.Slots[slot]) != 5 {
		t.Fatal("the table that was taken has lost an entry")
	}
	m.x.Free(old)
	if a.Allocated() != 0 {
		t.Fatalf("%d bytes are left", a.Allocated())
	}
}

// Compaction moves a table, and makes words point at other blocks.
func TestIndexMoves(t *testing.T) {
	a := newArena(t, 64<<20)
	m := newModel(a)
	for range 1000 {
		m.insert(t, rand.Uint64N(fragments))
	}
	tab := m.x.Load()
	to, err := a.Alloc(0, tab.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	copy(a.Bytes(to, tab.Bytes()), a.Bytes(tab.Block(), tab.Bytes()))
	m.x.Moved(to)
	if m.x.Load().Block() != to {
		t.Fatal("the table is where it was")
	}
	clear(tab.Slots)
	a.Free(0, tab.Block(), tab.Bytes())
	m.check(t)
	slot := m.x.Load().Used(0)
	was := index.Ref(m.x.Load().Slots[slot])
	m.next++
	m.x.Point(slot, m.next)
	for i := range m.list {
		if m.list[i].ref == was {
			if m.list[i].frag != m.x.FragAt(slot) {
				t.Fatal("the fragment is another one")
			}
			m.list[i].ref = m.next
		}
	}
	m.check(t)
}

// Indexes of equally many entries don't all grow at the same moment.
func TestLengthsDiffer(t *testing.T) {
	a := newArena(t, 64<<20)
	lengths := map[int]bool{}
	for nth := range 16 {
		var x index.Index
		x.Init(a, 0, nth)
		if _, err := x.Insert(1, x.Load().At(1), 1); err != nil {
			t.Fatal(err)
		}
		lengths[x.Load().Limit()] = true
		for i := range uint64(100) {
			if _, err := x.Insert(i, x.Load().At(i), 1); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(lengths) < 3 {
		t.Fatalf("all of 16 indexes have one of %d lengths", len(lengths))
	}
}
