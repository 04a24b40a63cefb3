package store

import (
	"math"

	"github.com/redistill-go/redistill/core/store/arena"
)

// checkHash asserts what must hold of a hash between commands, and returns what
// it holds outside its entry's own block.
func checkHash(t fataler, sh *Shard, e Entry) (allocated int64) {
	t.Helper()
	if !e.isTree() {
		pack := e.Value()[e.packHead():]
		n, earliest, blocks := checkPack(t, sh, pack)
		if n != int(e.Value()[0]) || n == 0 || n > packFields {
			t.Fatalf("%d fields in a pack, counted %d", n, e.Value()[0])
		}
		if e.earliest() > earliest {
			t.Fatalf("a field expires at %d, before the earliest, %d", earliest, e.earliest())
		}
		return blocks
	}
	tr := tree{sh, e.Value()}
	fields, earliest := 0, int64(math.MaxInt64)
	allocated = int64(tr.dirBytes())
	tr.leaves(0, func(i int, l leaf) bool {
		span := 1 << (tr.depth() - l.depth())
		if l.depth() > tr.depth() || i%span != 0 {
			t.Fatalf("a leaf of depth %d at %d of a directory of depth %d", l.depth(), i, tr.depth())
		}
		for j := range span {
			if tr.leaf(i+j).ref != l.ref {
				t.Fatalf("place %d of %d of a leaf refers to another one", j, span)
			}
		}
		n, at, blocks := checkPack(t, sh, l.pack())
		if n != l.count() || l.isCopy() || blocks > 0 && !l.hasBlocks() {
			t.Fatalf("%d fields in a leaf, counted %d; a copy: %v; %d bytes out of line, marked %v", n, l.count(), l.isCopy(), blocks, l.hasBlocks())
		}
		if l.earliest() > at || tr.earliest() > at {
			t.Fatalf("a field expires at %d, before the earliest of leaf %d or hash %d", at, l.earliest(), tr.earliest())
		}
		for p, ok := next(l.pack(), 0); ok; p, ok = next(l.pack(), p.end()) {
			if at := tr.index(sh.fieldHash(p.field)); at < i || at >= i+span {
				t.Fatalf("field %.40q is at %d and belongs to %d", p.field, i, at)
			}
		}
		fields += n
		earliest = min(earliest, at)
		allocated += blocks + int64(arena.Round(l.size()))
		return true
	})
	if fields != tr.count() || fields == 0 {
		t.Fatalf("%d fields in a tree, counted %d", fields, tr.count())
	}
	if allocated != int64(tr.bytes()) {
		t.Fatalf("a tree has %d bytes, counted %d", allocated, tr.bytes())
	}
	if earliest != math.MaxInt64 && e.header&fieldsFlag == 0 {
		t.Fatalf("fields expire and the hash isn't marked")
	}
	return allocated
}

// checkPack returns the number of fields, the earliest expiry and the bytes in
// blocks of their own.
func checkPack(t fataler, sh *Shard, pack []byte) (fields int, earliest, blocks int64) {
	t.Helper()
	earliest = math.MaxInt64
	seen := map[string]bool{}
	for p, ok := next(pack, 0); ok; p, ok = next(pack, p.end()) {
		if p.end() > len(pack) || seen[string(p.field)] {
			t.Fatalf("field %.40q is there twice, or ends at %d of %d", p.field, p.end(), len(pack))
		}
		seen[string(p.field)] = true
		if (p.ref != 0) != (p.length >= outOfLine) {
			t.Fatalf("a value of %d bytes, out of line: %v", p.length, p.ref != 0)
		}
		if p.at != 0 {
			earliest = min(earliest, p.at)
		}
		blocks += int64(blockSize(p.ref, p.length))
		fields++
	}
	return fields, earliest, blocks
}
