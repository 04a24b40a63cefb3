package hash

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/redistill-go/redistill/core/store/arena"
	"github.com/redistill-go/redistill/core/store/copies"
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

// leaf is a view of one leaf.
type leaf struct {
	m   *Memory
	ref arena.Ref
}

func (t tree) leaf(i int) leaf { return leaf{t.m, arena.Ref(t.dir()[i])} }

func (l leaf) head() []byte         { return l.m.region.Bytes(l.ref.Offset(), leafHead) }
func (l leaf) length() int          { return int(binary.LittleEndian.Uint32(l.head())) }
func (l leaf) count() int           { return int(binary.LittleEndian.Uint16(l.head()[4:])) }
func (l leaf) depth() uint          { return uint(l.head()[6]) }
func (l leaf) earliest() int64      { return int64(binary.LittleEndian.Uint64(l.head()[8:])) }
func (l leaf) setLength(n int)      { binary.LittleEndian.PutUint32(l.head(), uint32(n)) }
func (l leaf) setCount(n int)       { binary.LittleEndian.PutUint16(l.head()[4:], uint16(n)) }
func (l leaf) isCopy() bool         { return l.head()[7]&leafCopied != 0 }
func (l leaf) isNewer() bool        { return l.head()[7]&leafNewer != 0 }
func (l leaf) hasBlocks() bool      { return l.head()[7]&leafBlocks != 0 }
func (l leaf) setFlag(bit byte)     { l.head()[7] |= bit }
func (l leaf) clearFlag(bit byte)   { l.head()[7] &^= bit }
func (l leaf) setDepth(d uint)      { l.head()[6] = byte(d) }
func (l leaf) setEarliest(at int64) { binary.LittleEndian.PutUint64(l.head()[8:], uint64(at)) }
func (l leaf) size() int            { return leafHead + l.length() }

func (l leaf) pack() []byte {
	return l.m.region.Bytes(l.ref.Offset()+leafHead, uint64(l.length()))
}

// newLeaf makes an empty leaf with room for a pack of n bytes, which length
// says it has.
func (m *Memory) newLeaf(n int, depth uint) (leaf, error) {
	ref, err := m.alloc(leafHead + n)
	if err != nil {
		return leaf{}, err
	}
	l := leaf{m, ref}
	clear(l.head())
	l.setLength(n)
	l.setDepth(depth)
	l.setEarliest(math.MaxInt64)
	return l, nil
}

func (l leaf) free() { l.m.free(l.ref, l.size()) }

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

// splice changes the leaf's pack at off from oldSize to newSize bytes, moving
// what is behind it, and returns the pack. The leaf at place i may be another
// one afterwards.
func (t tree) splice(i, off, oldSize, newSize int) ([]byte, error) {
	l := t.leaf(i)
	n := l.length()
	length := n + newSize - oldSize
	if length > MaxLength-leafHead {
		return nil, fmt.Errorf("%w: fields of %d bytes in one leaf", ErrTooLong, length)
	}
	if arena.Round(leafHead+length) == arena.Round(l.size()) {
		b := l.m.region.Bytes(l.ref.Offset()+leafHead, uint64(max(n, length)))
		copy(b[off+newSize:], b[off+oldSize:n])
		l.setLength(length)
		return b[:length], nil
	}
	to, err := t.m.newLeaf(length, l.depth())
	if err != nil {
		return nil, err
	}
	copy(to.head()[4:], l.head()[4:])
	b, from := to.pack(), l.pack()
	copy(b, from[:off])
	copy(b[off+newSize:], from[off+oldSize:])
	t.point(i, l.depth(), to.ref)
	t.addBytes(arena.Round(to.size()) - arena.Round(l.size()))
	l.free()
	return b, nil
}

// heavy says whether the values of the leaf that are out of line, and too short to be
// pinned, have more than leafHeavy bytes: they are copied together, by whoever reads
// the hash in steps.
func (l leaf) heavy() bool {
	if !l.hasBlocks() {
		return false
	}
	size, pack := 0, l.pack()
	for p, ok := next(pack, 0); ok && size <= leafHeavy; p, ok = next(pack, p.end()) {
		if p.ref != 0 && p.length < copies.PinMin {
			size += p.length
		}
	}
	return size > leafHeavy
}

// split halves the leaf at place i if it is too large. The directory has at
// most two words for each field: where it would need more to tell fields apart,
// the leaf stays as it is.
func (t tree) split(i int) error {
	l := t.leaf(i)
	d := l.depth()
	if l.count() == 1 || l.count() <= leafFields && l.length() <= LeafBytes && !l.heavy() {
		return nil
	}
	if d == t.depth() {
		if d == treeDepth || 1<<d >= t.count() {
			return nil
		}
		if err := t.double(); err != nil {
			return err
		}
		i *= 2
	}
	// Which half each field belongs to is the hash's next bit.
	var size [2]int
	from := l.pack()
	for p, ok := next(from, 0); ok; p, ok = next(from, p.end()) {
		size[t.m.hashOf(p.field)>>(63-d)&1] += p.size
	}
	var half [2]leaf
	for b := range half {
		var err error
		if half[b], err = t.m.newLeaf(size[b], d+1); err != nil {
			if b == 1 {
				half[0].free()
			}
			return err
		}
	}
	var to [2]int
	for p, ok := next(from, 0); ok; p, ok = next(from, p.end()) {
		b := t.m.hashOf(p.field) >> (63 - d) & 1
		to[b] += copy(half[b].pack()[to[b]:], from[p.off:p.end()])
		half[b].setCount(half[b].count() + 1)
		if p.at != 0 {
			half[b].setEarliest(min(half[b].earliest(), p.at))
		}
	}
	for _, h := range half {
		h.setFlag(l.head()[7])
	}
	span := 1 << (t.depth() - d)
	first := i &^ (span - 1)
	t.point(first, d+1, half[0].ref)
	t.point(first+span/2, d+1, half[1].ref)
	t.addBytes(arena.Round(half[0].size()) + arena.Round(half[1].size()) - arena.Round(l.size()))
	l.free()
	return nil
}

// double makes the directory look at one more bit.
func (t tree) double() error {
	old := t.dir()
	ref, err := t.m.alloc(16 * len(old))
	if err != nil {
		return err
	}
	dir := t.m.region.Words(ref.Offset(), uint64(2*len(old)))
	for i, r := range old {
		dir[2*i], dir[2*i+1] = r, r
	}
	t.addBytes(arena.Round(16*len(old)) - arena.Round(8*len(old)))
	t.m.free(arena.Ref(t.word(2)), 8*len(old))
	t.setWord(2, uint64(ref))
	t.setWord(3, t.word(3)+1)
	return nil
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
