package hash

import (
	"fmt"
	"math"

	"github.com/redistill-go/redistill/core/store/arena"
)

// Check looks at a hash of which no change is under way, and says how many bytes it has
// in blocks of the arena beside the one of its value. It fails where something that must
// hold does not: counts, expiries, the directory, where each field is.
func (m *Memory) Check(v Value) (blocks int64, err error) {
	if v.Large() {
		return m.checkTree(v)
	}
	n, earliest, blocks, err := checkPack(v.pack())
	switch {
	case err != nil:
	case n != v.Len() || n == 0 || n > packFields:
		err = fmt.Errorf("%d fields in a pack, counted %d", n, v.Len())
	case v.Earliest() > earliest:
		err = fmt.Errorf("a field expires at %d, before the earliest, %d", earliest, v.Earliest())
	}
	return blocks, err
}

func (m *Memory) checkTree(v Value) (blocks int64, err error) {
	t := tree{m, v.Bytes}
	fields, earliest := 0, int64(math.MaxInt64)
	blocks = int64(t.dirBytes())
	t.leaves(0, func(i int, l leaf) bool {
		n, at, taken, failed := t.checkLeaf(i, l)
		fields, earliest, blocks, err = fields+n, min(earliest, at), blocks+taken, failed
		return err == nil
	})
	switch {
	case err != nil:
	case fields != t.count() || fields == 0:
		err = fmt.Errorf("%d fields in a tree, counted %d", fields, t.count())
	case blocks != int64(t.bytes()):
		err = fmt.Errorf("a tree has %d bytes, counted %d", blocks, t.bytes())
	case earliest != math.MaxInt64 && v.Form&Timed == 0:
		err = fmt.Errorf("fields expire and the hash isn't marked")
	}
	return blocks, err
}

// checkLeaf looks at the leaf whose first place is i.
func (t tree) checkLeaf(i int, l leaf) (fields int, earliest, blocks int64, err error) {
	span := 1 << (t.depth() - l.depth())
	if l.depth() > t.depth() || i%span != 0 {
		return 0, 0, 0, fmt.Errorf("a leaf of depth %d at %d of a directory of depth %d", l.depth(), i, t.depth())
	}
	for j := range span {
		if t.leaf(i+j).ref != l.ref {
			return 0, 0, 0, fmt.Errorf("place %d of %d of a leaf refers to another one", j, span)
		}
	}
	n, at, out, err := checkPack(l.pack())
	if err != nil {
		return 0, 0, 0, err
	}
	if n != l.count() || l.isCopy() || out > 0 && !l.hasBlocks() {
		return 0, 0, 0, fmt.Errorf("%d fields in a leaf, counted %d; a copy: %v; %d bytes out of line, marked %v", n, l.count(), l.isCopy(), out, l.hasBlocks())
	}
	if l.earliest() > at || t.earliest() > at {
		return 0, 0, 0, fmt.Errorf("a field expires at %d, before the earliest of leaf %d or hash %d", at, l.earliest(), t.earliest())
	}
	for p, ok := next(l.pack(), 0); ok; p, ok = next(l.pack(), p.end()) {
		if at := t.index(t.m.hashOf(p.field)); at < i || at >= i+span {
			return 0, 0, 0, fmt.Errorf("field %.40q is at %d and belongs to %d", p.field, i, at)
		}
	}
	return n, at, out + int64(arena.Round(l.size())), nil
}

// checkPack returns the number of fields, the earliest expiry and the bytes in
// blocks of their own.
func checkPack(pack []byte) (fields int, earliest, blocks int64, err error) {
	earliest = math.MaxInt64
	seen := map[string]bool{}
	for p, ok := next(pack, 0); ok; p, ok = next(pack, p.end()) {
		if p.end() > len(pack) || seen[string(p.field)] {
			return 0, 0, 0, fmt.Errorf("field %.40q is there twice, or ends at %d of %d", p.field, p.end(), len(pack))
		}
		seen[string(p.field)] = true
		if (p.ref != 0) != (p.length >= outOfLine) {
			return 0, 0, 0, fmt.Errorf("a value of %d bytes, out of line: %v", p.length, p.ref != 0)
		}
		if p.at != 0 {
			earliest = min(earliest, p.at)
		}
		blocks += int64(blockSize(p.ref, p.length))
		fields++
	}
	return fields, earliest, blocks, nil
}

// Places is how many places the directory of a large hash has; 0: it has none.
func (v Value) Places() int {
	if !v.Large() {
		return 0
	}
	return 1 << tree{b: v.Bytes}.depth()
}

// Marked says whether a part of the hash is marked as newer than a view.
func (m *Memory) Marked(v Value) (marked bool) {
	if v.Large() {
		tree{m, v.Bytes}.leaves(0, func(_ int, l leaf) bool { marked = l.isNewer(); return !marked })
	}
	return marked
}

// Readers is how many hashes are being read by a Freeze.
func (m *Memory) Readers() int { return len(m.frozen) }
