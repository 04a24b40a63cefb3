package store

import (
	"math"
	"sync/atomic"

	"github.com/redistill-go/redistill/core/store/arena"
	"github.com/redistill-go/redistill/core/store/hash"
)

// What the store asks of a value by its type. A value may have more than the bytes in
// its entry: blocks elsewhere, and parts that expire by themselves. Views, compaction,
// the sweep, eviction and FLUSHALL ask it here and know no type, so that another type is
// another case in these switches and its own room.
//
// Two bits of an entry's header are the value's own: that parts of it may expire, and
// that it is Large, which is one that is read, kept and moved in steps.

// Large says whether the value is read, kept and moved in steps: of a hash, that it is a
// table of its own and not one compact block.
func (e Entry) Large() bool { return e.header&largeFlag != 0 }

// timed says whether parts of the value may expire by themselves.
func (e Entry) timed() bool { return e.header&timedFlag != 0 }

// hash is the value of an entry that is a hash.
func (e Entry) hash() hash.Value {
	return hash.Value{Bytes: e.Value(), Form: hash.Form(e.header>>formShift) & hash.Forms}
}

// What a hash has to remember beside its value are those two bits.
var _ = [1]struct{}{}[uint64(hash.Timed)<<formShift-timedFlag+uint64(hash.Tree)<<formShift-largeFlag]

// Footprint is how many bytes the entry takes from memory, less its place in
// the index: its own block, and of a large value all other blocks. The values
// of a small hash that are out of line are not counted.
func (e Entry) Footprint() int {
	n := arena.Round(e.size())
	if e.Large() {
		n += e.hash().Blocks()
	}
	return n
}

// Size is Footprint with the values of a small hash that are out of line.
func (e Entry) Size() int64 {
	n := arena.Round(e.size())
	if e.Type() == Hash {
		n += e.hash().Outlying()
	}
	return int64(n)
}

// earliest is a time before which no part of the value expires; math.MaxInt64: none
// ever does.
func (e Entry) earliest() int64 {
	if !e.timed() {
		return math.MaxInt64
	}
	return e.hash().Earliest()
}

// expireParts removes parts of a value that have expired. It returns what the entry is
// afterwards, whether it went with them, and whether it takes another step.
func (sh *Shard) expireParts(e Entry, now int64) (left Entry, gone, more bool) {
	f := sh.FieldsOf(e, now)
	more = f.Expire()
	f.Done()
	if !f.Exists() {
		return e, true, false
	}
	return (hashHome{sh}).entry(f.At()), false, more
}

// freeParts gives back what a value has outside its entry, which is removed or replaced.
func (sh *Shard) freeParts(e Entry) {
	if e.Type() == Hash {
		sh.hashes.Free(e.Key(), e.hash())
	}
}

// freePartsNow is freeParts where nobody waits, and nobody reads the value.
func (sh *Shard) freePartsNow(e Entry) {
	if e.Type() == Hash {
		sh.hashes.FreeNow(e.hash())
	}
}

// leaveReaders leaves values that are being read to those who do, before FLUSHALL takes
// the index with all that is in it.
func (sh *Shard) leaveReaders() {
	sh.hashes.Frozen(func(key []byte) {
		e, _, _ := sh.find(sh.st.Key(key))
		if sh.viewed() {
			sh.hashes.Thaw(key, e.hash())
			return
		}
		sh.hashes.Leave(key, e.hash())
		sh.mem.Store(e.off, e.blockOnly().header)
	})
}

// blockOnly is the entry as one whose value has nothing outside it, because that belongs
// to somebody else.
func (e Entry) blockOnly() Entry {
	e.header &^= typeMask | timedFlag | largeFlag
	return e
}

// whole says whether all values are in their entries, so that there is nothing else to
// move.
func (sh *Shard) whole() bool { return sh.hashes.Outside() == 0 }

// moveParts moves what a value has outside its entry, from a place in it on. It returns
// where to go on, 0 if that was all.
func (m *mover) moveParts(e Entry, from uint64) (next uint64) {
	if e.Type() != Hash {
		return 0
	}
	return m.sh.hashes.Move(e.hash(), from, hash.Mover{Block: m.block, Free: m.free, Look: m.look})
}

// reaches says whether a small value has a block in a huge page that is being emptied.
// Large ones are moved part by part.
func (m *mover) reaches(e Entry) bool {
	return m.triage.evict && e.Type() == Hash && e.hash().Reaches(m.drain.Has)
}

// ownParts gives the copy of an entry, which a view keeps, blocks of its own. counts is
// told how many bytes that takes.
func (sh *Shard) ownParts(e Entry, counts *atomic.Int64) error {
	if e.Type() != Hash {
		return nil
	}
	return sh.hashes.OwnValues(e.hash(), counts)
}

// freeOwnParts gives them back.
func (sh *Shard) freeOwnParts(e Entry) {
	if e.Type() == Hash {
		sh.hashes.FreeOwnValues(e.hash())
	}
}

// keepLarge begins to keep a large value for a view.
func (sh *Shard) keepLarge(counts *atomic.Int64) hash.Kept { return sh.hashes.Keep(counts) }

// value adds a record of a small value to the batch, unless nothing of it is left.
func (b *batch) value(v *View, sh *Shard, e Entry) {
	if e.Type() == Hash {
		sh.hashes.Visit(e.hash(), b.field(v))
		b.endFields(e.Key(), e.ExpireAt())
		return
	}
	b.string(e)
}
