package hash

import "github.com/redistill-go/redistill/core/store/arena"

// Mover moves blocks elsewhere: compaction.
type Mover struct {
	// Block copies a block of n bytes if it has to move, and says where to. Free then
	// frees the one that it was, which nothing points to any more.
	Block func(from arena.Ref, n int) (to arena.Ref, ok bool)
	Free  func(from arena.Ref, n int)
	// Look counts so many looks at something that has to be fetched, and says whether the
	// step has time for more.
	Look func(n int) (more bool)
}

// Move moves what a hash has outside its value, from a field's hash on. It returns
// where to go on, 0 if that was all.
func (m *Memory) Move(v Value, from uint64, to Mover) (next uint64) {
	if !v.Large() {
		m.moveValues(v.pack(), to)
		return 0
	}
	t := tree{m, v.Bytes}
	dir := arena.Ref(t.word(2))
	if ref, ok := to.Block(dir, 8<<t.depth()); ok {
		t.setWord(2, uint64(ref))
		to.Free(dir, 8<<t.depth())
	}
	t.leaves(t.index(from), func(i int, l leaf) bool {
		if !to.Look(0) {
			next = t.first(i, l.depth())
			return next == 0 // the first one is looked at in any case
		}
		to.Look(1)
		if ref, ok := to.Block(l.ref, l.size()); ok {
			t.point(i, l.depth(), ref)
			l.free()
			l.ref = ref
		}
		if l.hasBlocks() {
			to.Look(l.count())
			m.moveValues(l.pack(), to)
		}
		return true
	})
	return next
}

// moveValues moves the values of a pack that are out of line.
func (m *Memory) moveValues(pack []byte, to Mover) {
	for p, ok := next(pack, 0); ok; p, ok = next(pack, p.end()) {
		if p.ref == 0 {
			continue
		}
		if ref, ok := to.Block(arena.Ref(p.ref), p.length); ok {
			p.setRef(pack, ref)
			to.Free(arena.Ref(p.ref), p.length)
		}
	}
}

// Movable says whether a hash is a large one of which nobody reads what it was: its
// blocks can go over to another key, and to another Memory of the same group.
func (m *Memory) Movable(v Value) bool { return v.Large() && !tree{m, v.Bytes}.frozen() }

// Count is how many blocks of a large hash Outside counts.
func (m *Memory) Count(v Value) int {
	n := 1 // the directory
	tree{m, v.Bytes}.leaves(0, func(_ int, l leaf) bool {
		if !l.hasBlocks() {
			return true
		}
		pack := l.pack()
		for p, ok := next(pack, 0); ok; p, ok = next(pack, p.end()) {
			if p.ref != 0 {
				n++
			}
		}
		return true
	})
	return n
}
