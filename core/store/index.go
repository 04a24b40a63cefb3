package store

import (
	"github.com/redistill-go/redistill/core/store/arena"
)

// table is one shard's index: words in the order of their fragments, each at
// its home or after it, with no gap between home and place.
//
// The last word is always 0, which ends every probe.
type table struct {
	slots []uint64 // off-heap
	homes uint64   // fragments are spread over the first homes slots
	ref   arena.Ref
}

const (
	refMask   = 1<<arena.RefBits - 1
	minHomes  = 12
	maxSpill  = 256 // slots after the last home
	fullNum   = 27  // a table is full at 27/32 of its homes
	fullDen   = 32
	sparseDen = 4 // and too large when under a quarter is used
)

var noTable = &table{slots: make([]uint64, 1)}

func slotWord(frag uint64, r arena.Ref) uint64 { return frag<<arena.RefBits | uint64(r) }
func slotFrag(w uint64) uint64                 { return w >> arena.RefBits }
func slotRef(w uint64) arena.Ref               { return arena.Ref(w & refMask) }

// home is the first slot that a fragment may be in.
func (t *table) home(frag uint64) uint64 { return frag * t.homes >> fragBits }

// limit is how many entries the table takes before it must grow.
func (t *table) limit() int { return int(t.homes * fullNum / fullDen) }

// newTable makes an empty table for at least so many homes.
func newTable(a *arena.Arena, group, homes int) (*table, error) {
	homes = max(homes, minHomes)
	spill := min(homes/16+8, maxSpill)
	size := arena.Round((homes + spill) * 8)
	r, err := a.Alloc(group, size)
	if err != nil {
		return nil, err
	}
	slots := a.Region().Words(r.Offset(), uint64(size/8))
	clear(slots)
	return &table{slots: slots, homes: uint64(size/8 - spill), ref: r}, nil
}

func (t *table) free(a *arena.Arena, group int) {
	if t.ref != 0 {
		a.Free(group, t.ref, len(t.slots)*8)
	}
}

// at is the first slot whose fragment is not before frag, or the first empty
// one of the run that frag's home is in: where frag is or would go.
func (t *table) at(frag uint64) int {
	i := t.home(frag)
	for t.slots[i] != 0 && slotFrag(t.slots[i]) < frag {
		i++
	}
	return int(i)
}

// next is the first used slot whose fragment is not before frag, or -1.
func (t *table) next(frag uint64) int { return t.used(t.at(frag)) }

// used is the first used slot at or after i, or -1.
func (t *table) used(i int) int {
	for ; i < len(t.slots); i++ {
		if t.slots[i] != 0 {
			return i
		}
	}
	return -1
}

// insert puts w into slot i, which at has found, and moves what is there. It
// fails if the table has no room after it.
func (t *table) insert(i int, w uint64) bool {
	j := i
	for t.slots[j] != 0 {
		j++
	}
	if j == len(t.slots)-1 {
		return false
	}
	copy(t.slots[i+1:j+1], t.slots[i:j])
	t.slots[i] = w
	return true
}

// remove empties slot i and moves the slots after it that are not at home.
func (t *table) remove(i int) {
	j := i + 1
	for t.slots[j] != 0 && t.home(slotFrag(t.slots[j])) < uint64(j) {
		j++
	}
	copy(t.slots[i:j-1], t.slots[i+1:j])
	t.slots[j-1] = 0
}

// fill copies all words of from into t, which is empty. It fails if they don't
// fit, which happens when many keys share their fragments' first bits.
func (t *table) fill(from *table) bool {
	place := uint64(0)
	for _, w := range from.slots {
		if w == 0 {
			continue
		}
		place = max(place, t.home(slotFrag(w)))
		if place >= uint64(len(t.slots)-1) {
			return false
		}
		t.slots[place] = w
		place++
	}
	return true
}

// resized is a table for at least so many homes with the words of t.
func (t *table) resized(a *arena.Arena, group, homes int) (*table, error) {
	for {
		bigger, err := newTable(a, group, homes)
		if err != nil {
			return nil, err
		}
		if bigger.fill(t) {
			return bigger, nil
		}
		bigger.free(a, group)
		homes += homes/3 + 1
	}
}
