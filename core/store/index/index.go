// Package index finds entries by 24 bits of their keys' hashes, their fragments.
//
// An Index is one array of words off the Go heap, each a fragment and the reference
// of a block of the arena, in the order of the fragments: linear probing that stops
// at the first larger one. A miss ends as early as a hit, growing is one pass from
// the old array to the new one and looks at no entry, and a fragment is a place in an
// order that growing does not change, so that whoever goes through all entries goes
// on from one number.
//
// Several words may have one fragment: which of them is meant, whoever reads the
// entries finds out.
//
// Concurrency: a lock of the caller's guards an Index. The table is published through
// an atomic pointer, so that it can be looked at without the lock: words may be stale
// then, and the memory of a table that was replaced may be anything, but it is mapped.
package index

import (
	"fmt"
	"sync/atomic"

	"github.com/redistill-go/redistill/core/store/arena"
	"github.com/redistill-go/redistill/core/sys"
)

// Index is the index of one shard. Call Init before anything else.
type Index struct {
	table atomic.Pointer[Table]
	count sys.Count
	arena *arena.Arena
	group int
	nth   int
}

// Init makes an empty index whose tables are in a group of the arena. Those of
// different numbers, which are 0 or more, have different lengths from the beginning:
// if all were to grow or shrink at the same time, used memory would leap by as much
// as they are of it.
func (x *Index) Init(a *arena.Arena, group, nth int) {
	x.arena, x.group, x.nth = a, group, nth
	x.table.Store(empty)
}

// Load is the table. Without the lock, see the package comment.
func (x *Index) Load() *Table { return x.table.Load() }

// Len is how many entries there are. It takes no lock.
func (x *Index) Len() int { return x.count.Int() }

// Insert adds an entry, at a slot that At found for its fragment, if there is room.
// Else the table is replaced by a longer one first. What makes that large is many
// entries or, where hashes are no hashes, some hundreds with one fragment. Errors wrap arena.ErrNoMemory;
// nothing was added then.
func (x *Index) Insert(frag uint64, slot int, ref arena.Ref) (grown bool, err error) {
	t := x.table.Load()
	for x.count.Int() >= t.Limit() || !t.insert(slot, word(frag, ref)) {
		longer, err := x.resized(t, x.longer(int(t.homes)))
		if err != nil {
			return grown, fmt.Errorf("grow the index of a shard: %w", err)
		}
		x.replace(t, longer)
		t, slot, grown = longer, longer.At(frag), true
	}
	x.count.Add(1)
	return grown, nil
}

// lengths is in how many steps the lengths of indexes differ.
const lengths = 16

// longer is how many homes the next table has.
func (x *Index) longer(homes int) int {
	if homes == 0 {
		return minHomes + minHomes/3*(x.nth%lengths)/lengths
	}
	return homes + homes/3 + 4
}

// Remove removes the entry of a slot. Those after it may move up, or all: the table
// is replaced by a shorter one when it has become sparse, unless there is no memory
// for that.
func (x *Index) Remove(slot int) {
	t := x.table.Load()
	t.remove(slot)
	x.count.Add(-1)
	if t.homes <= 2*minHomes || uint64(x.count.Int()) >= t.homes/sparseDen {
		return
	}
	if shorter, err := x.resized(t, x.count.Int()*2); err == nil {
		x.replace(t, shorter)
	}
}

// Point makes the word of a slot refer to another block.
func (x *Index) Point(slot int, to arena.Ref) {
	t := x.table.Load()
	t.Slots[slot] = word(Frag(t.Slots[slot]), to)
}

// FragAt is the fragment of a used slot.
func (x *Index) FragAt(slot int) uint64 { return Frag(x.table.Load().Slots[slot]) }

// Moved tells that all bytes of the table were copied to another block, which takes
// its place. The caller frees the one before.
func (x *Index) Moved(to arena.Ref) {
	t := x.table.Load()
	slots := x.arena.Region().Words(to.Offset(), uint64(len(t.Slots)))
	x.table.Store(&Table{Slots: slots, homes: t.homes, ref: to})
}

// Take empties the index and returns the table that it had, which the caller gives to
// Free.
func (x *Index) Take() *Table {
	x.count.Store(0)
	return x.table.Swap(empty)
}

// Free gives back the memory of a table that Take returned. No lock is needed.
func (x *Index) Free(t *Table) {
	if t.ref != 0 {
		x.arena.Free(x.group, t.ref, len(t.Slots)*8)
	}
}

func (x *Index) replace(old, by *Table) {
	x.table.Store(by)
	x.Free(old)
}

// new makes an empty table for at least so many homes.
func (x *Index) new(homes int) (*Table, error) {
	homes = max(homes, minHomes)
	spill := min(homes/16+8, maxSpill)
	size := arena.Round((homes + spill) * 8)
	r, err := x.arena.Alloc(x.group, size)
	if err != nil {
		return nil, err
	}
	slots := x.arena.Region().Words(r.Offset(), uint64(size/8))
	clear(slots)
	return &Table{Slots: slots, homes: uint64(size/8 - spill), ref: r}, nil
}

// resized is a table for at least so many homes with the words of t.
func (x *Index) resized(t *Table, homes int) (*Table, error) {
	for {
		n, err := x.new(homes)
		if err != nil {
			return nil, err
		}
		if n.fill(t) {
			return n, nil
		}
		x.Free(n)
		homes += homes/3 + 1
	}
}
