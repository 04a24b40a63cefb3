package index

import (
	"github.com/redistill-go/redistill/core/store/arena"
)

const (
	// FragBits is how many bits a fragment has.
	FragBits = 24

	refMask   = 1<<arena.RefBits - 1
	minHomes  = 12
	maxSpill  = 256 // slots after the last home
	fullNum   = 27  // a table is full at 27/32 of its homes
	fullDen   = 32
	sparseDen = 4 // and too large when under a quarter is used
)

// A word is all of a fragment and a reference.
var _ = [1]struct{}{}[FragBits+arena.RefBits-64]

// Table is the array of words of an index: each at the home of its fragment or
// after it, with no gap between home and place. It is replaced as a whole when the
// index grows or shrinks.
//
// The last word is always 0, which ends every probe.
type Table struct {
	// Slots are the words. Only Index changes them.
	Slots []uint64 // off-heap
	homes uint64   // fragments are spread over the first homes slots
	ref   arena.Ref
}

var empty = &Table{Slots: make([]uint64, 1)}

func word(frag uint64, r arena.Ref) uint64 { return frag<<arena.RefBits | uint64(r) }

// Frag is the fragment of a word.
func Frag(w uint64) uint64 { return w >> arena.RefBits }

// Ref is the block that a word refers to.
func Ref(w uint64) arena.Ref { return arena.Ref(w & refMask) }

// Home is the first slot that a fragment may be in.
func (t *Table) Home(frag uint64) uint64 { return frag * t.homes >> FragBits }

// HomeOffset is where in the region the home of a fragment is.
func (t *Table) HomeOffset(frag uint64) uint64 { return t.ref.Offset() + t.Home(frag)*8 }

// Bytes is how many bytes of the arena the table takes.
func (t *Table) Bytes() int {
	if t.ref == 0 {
		return 0
	}
	return len(t.Slots) * 8
}

// Block is the block that the table is in; 0: none, the table has no room.
func (t *Table) Block() arena.Ref { return t.ref }

// Limit is how many entries the table takes before it must grow.
func (t *Table) Limit() int { return int(t.homes * fullNum / fullDen) }

// At is the first slot whose fragment is not before frag, or the first empty
// one of the run that frag's home is in: where frag is or would go.
func (t *Table) At(frag uint64) int {
	i := t.Home(frag)
	for t.Slots[i] != 0 && Frag(t.Slots[i]) < frag {
		i++
	}
	return int(i)
}

// Next is the first used slot whose fragment is not before frag, or -1.
func (t *Table) Next(frag uint64) int { return t.Used(t.At(frag)) }

// Used is the first used slot at or after i, or -1.
func (t *Table) Used(i int) int {
	for ; i < len(t.Slots); i++ {
		if t.Slots[i] != 0 {
			return i
		}
	}
	return -1
}

// Find is the slot of a word, if it is there.
func (t *Table) Find(w uint64) (slot int, ok bool) {
	for i := t.At(Frag(w)); t.Slots[i] != 0 && Frag(t.Slots[i]) == Frag(w); i++ {
		if t.Slots[i] == w {
			return i, true
		}
	}
	return 0, false
}

// GroupEnd is the slot after the last one that has the fragment of a used slot.
func (t *Table) GroupEnd(slot int) int {
	frag := Frag(t.Slots[slot])
	for slot++; t.Slots[slot] != 0 && Frag(t.Slots[slot]) == frag; slot++ {
	}
	return slot
}

// Gather fills words with those from slot i on, round the end, and returns how many
// there are and where it stopped.
func (t *Table) Gather(words []uint64, i int) (n, next int) {
	for range len(t.Slots) {
		if n == len(words) {
			break
		}
		if w := t.Slots[i]; w != 0 {
			words[n] = w
			n++
		}
		if i++; i == len(t.Slots) {
			i = 0
		}
	}
	return n, i
}

// Place is where in the order of an index somebody is, whatever happens to its
// table: behind so many words of a fragment.
type Place struct {
	Frag uint64
	Skip int
}

// PlaceOf is the place of a used slot.
func (t *Table) PlaceOf(slot int) Place {
	at := Place{Frag: Frag(t.Slots[slot])}
	for slot--; slot >= 0 && t.Slots[slot] != 0 && Frag(t.Slots[slot]) == at.Frag; slot-- {
		at.Skip++
	}
	return at
}

// Resume is the slot of a place, or the one after it where words before it are gone.
func (t *Table) Resume(at Place) (slot int) {
	slot = t.At(at.Frag)
	for n := 0; n < at.Skip && t.Slots[slot] != 0 && Frag(t.Slots[slot]) == at.Frag; n++ {
		slot++
	}
	return slot
}

// insert puts w into slot i, which At has found, and moves what is there. It
// fails if the table has no room after it.
func (t *Table) insert(i int, w uint64) bool {
	j := i
	for t.Slots[j] != 0 {
		j++
	}
	if j == len(t.Slots)-1 {
		return false
	}
	copy(t.Slots[i+1:j+1], t.Slots[i:j])
	t.Slots[i] = w
	return true
}

// remove empties slot i and moves the slots after it that are not at home.
func (t *Table) remove(i int) {
	j := i + 1
	for t.Slots[j] != 0 && t.Home(Frag(t.Slots[j])) < uint64(j) {
		j++
	}
	copy(t.Slots[i:j-1], t.Slots[i+1:j])
	t.Slots[j-1] = 0
}

// fill copies all words of from into t, which is empty. It fails if they don't
// fit, which happens when many keys share their fragments' first bits.
func (t *Table) fill(from *Table) bool {
	place := uint64(0)
	for _, w := range from.Slots {
		if w == 0 {
			continue
		}
		place = max(place, t.Home(Frag(w)))
		if place >= uint64(len(t.Slots)-1) {
			return false
		}
		t.Slots[place] = w
		place++
	}
	return true
}
