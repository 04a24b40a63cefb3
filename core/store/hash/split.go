package hash

import (
	"fmt"

	"github.com/redistill-go/redistill/core/store/arena"
	"github.com/redistill-go/redistill/core/store/copies"
)

// How a leaf and the directory become larger.

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
