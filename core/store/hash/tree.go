package hash

import (
	"encoding/binary"
	"math"

	"github.com/redistill-go/redistill/core/store/arena"
)

// A hash that has outgrown one pack is a tree of two levels, an extendible
// hash table (Fagin et al. 1979): a directory of 2^depth references, indexed by
// the first bits of a field's hash, to leaves, each with one pack of the fields
// whose hashes begin alike. A leaf that grows too large splits in two; the
// directory doubles when a leaf that only one reference points to splits. No
// step touches more than one leaf and the directory, which for a million
// fields has 32,768 words: growing never keeps the lock for long.
//
// The value is then
//
//	fields 8 | earliest expiry 8 | directory 8 | depth, treeFrozen 8 | bytes of all blocks 8
//
// and a leaf's block
//
//	length of the pack 4 | fields 2 | depth 1 | flags 1 | earliest expiry 8 | pack
const (
	treeSize   = 40
	leafHead   = 16
	leafFields = 64        // a leaf with more than this splits,
	leafHeavy  = 256 << 10 // and one with values of more bytes, see leaf.heavy
	treeDepth  = 32        // the most bits of a hash that the directory looks at

	treeFrozen = 1 << 8 // of a tree: somebody reads it as it was, see freeze.go

	leafCopied = 1 << 0 // of a leaf: it can be changed, the original is kept
	leafBlocks = 1 << 1 // values of it may be out of line
	leafNewer  = 1 << 2 // written since the moment of a view: see kept.go

	// packFields and packBytes are what one pack takes before it becomes a
	// tree, unless Limits say less. A pack counts its fields in one byte.
	packFields = 128
	packBytes  = 8 << 10

	// LeafBytes is the length of the pack from which a leaf splits as well.
	LeafBytes = 4 << 10
)

// tree is a view of the value of a large hash.
type tree struct {
	m *Memory
	b []byte // the value
}

func (t tree) word(i int) uint64       { return binary.LittleEndian.Uint64(t.b[8*i:]) }
func (t tree) setWord(i int, v uint64) { binary.LittleEndian.PutUint64(t.b[8*i:], v) }

func (t tree) count() int           { return int(t.word(0)) }
func (t tree) addCount(n int)       { t.setWord(0, uint64(t.count()+n)) }
func (t tree) earliest() int64      { return int64(t.word(1)) }
func (t tree) setEarliest(at int64) { t.setWord(1, uint64(at)) }
func (t tree) depth() uint          { return uint(t.word(3) & 0xff) }
func (t tree) frozen() bool         { return t.word(3)&treeFrozen != 0 }
func (t tree) bytes() int           { return int(t.word(4)) }
func (t tree) addBytes(n int)       { t.setWord(4, uint64(t.bytes()+n)) }

func (t tree) setFrozen(on bool) {
	w := t.word(3) &^ treeFrozen
	if on {
		w |= treeFrozen
	}
	t.setWord(3, w)
}

// dir is the directory.
func (t tree) dir() []uint64 {
	return t.m.region.Words(arena.Ref(t.word(2)).Offset(), 1<<t.depth())
}

// dirBytes is what the directory takes.
func (t tree) dirBytes() int { return arena.Round(8 << t.depth()) }

// first is the first hash that belongs to the leaf of the given depth at place i.
func (t tree) first(i int, depth uint) uint64 {
	i &^= 1<<(t.depth()-depth) - 1
	return uint64(i) << (64 - t.depth())
}

// index is the place of a hash in the directory.
func (t tree) index(hash uint64) int { return int(hash >> (64 - t.depth())) }

// newTree makes the value of a hash with one empty leaf.
func (m *Memory) newTree(value []byte) error {
	l, err := m.newLeaf(0, 0)
	if err != nil {
		return err
	}
	dir, err := m.alloc(8)
	if err != nil {
		l.free()
		return err
	}
	m.outside.Add(1)
	m.region.Store(dir.Offset(), uint64(l.ref))
	clear(value)
	t := tree{m, value}
	t.setWord(2, uint64(dir))
	t.setEarliest(math.MaxInt64)
	t.addBytes(arena.Round(8) + arena.Round(l.size()))
	return nil
}

// point makes all references to the leaf at place i, of which there are as
// many as the directory is deeper than the leaf, refer to another leaf.
func (t tree) point(i int, depth uint, to arena.Ref) {
	dir := t.dir()
	span := 1 << (t.depth() - depth)
	i &^= span - 1
	for j := range span {
		dir[i+j] = uint64(to)
	}
}

// leaves calls f for each leaf with its first place in the directory, in the
// order of the hashes, from the one at place i on, until f fails.
func (t tree) leaves(i int, f func(i int, l leaf) bool) {
	for i < 1<<t.depth() {
		l := t.leaf(i)
		span := 1 << (t.depth() - l.depth())
		i &^= span - 1
		if !f(i, l) {
			return
		}
		i += span
	}
}

// free gives all blocks of the tree back, but not the entry.
func (t tree) free() { t.freeLeaves(func(int) {}) }

// freeLeaves is free that tells of each leaf how many bytes it took with its
// values.
func (t tree) freeLeaves(freed func(bytes int)) {
	t.leaves(0, func(_ int, l leaf) bool {
		n := arena.Round(l.size())
		if l.hasBlocks() {
			n += t.m.freeValues(l.pack())
		}
		l.free()
		freed(n)
		return true
	})
	t.m.freeOutside(arena.Ref(t.word(2)), 8<<t.depth())
}

// addAll appends the fields of a pack as they are, with their values' blocks.
func (t tree) addAll(pack []byte) error {
	for p, ok := next(pack, 0); ok; p, ok = next(pack, p.end()) {
		if err := t.add(p, pack[p.off:p.end()]); err != nil {
			return err
		}
	}
	return nil
}

// add appends a field as it is, with its value's block.
func (t tree) add(p packed, b []byte) error {
	i := t.index(t.m.hashOf(p.field))
	off := t.leaf(i).length()
	to, err := t.splice(i, off, 0, len(b))
	if err != nil {
		return err
	}
	copy(to[off:], b)
	t.addBytes(blockSize(p.ref, p.length))
	l := t.leaf(i)
	l.setCount(l.count() + 1)
	t.addCount(1)
	if p.ref != 0 {
		l.setFlag(leafBlocks)
	}
	if p.at != 0 {
		l.setEarliest(min(l.earliest(), p.at))
		t.setEarliest(min(t.earliest(), p.at))
	}
	return t.split(i)
}

// freeBlocks gives the directory and the leaves back and keeps the values that
// are out of line, which belong to another tree as well.
func (t tree) freeBlocks() {
	t.leaves(0, func(_ int, l leaf) bool { l.free(); return true })
	t.m.freeOutside(arena.Ref(t.word(2)), 8<<t.depth())
}
