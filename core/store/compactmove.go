package store

import (
	"encoding/binary"

	"github.com/redistill-go/redistill/core/store/arena"
)

// How compaction moves each kind of block. Where there is no memory for the
// new one, the old one stays.

// block copies a block of n bytes that has to move. The caller makes what
// pointed at it point at the new one and then calls free.
func (m *mover) block(r arena.Ref, n int) (to arena.Ref, ok bool) {
	a := m.sh.st.arena
	if !m.drain.Has(r) || arena.Round(n) > arena.MaxMove || n > arena.MaxSmall && a.Pinned(r) {
		return 0, false
	}
	to, err := a.Alloc(m.sh.group, n)
	if err != nil {
		return 0, false
	}
	copy(a.Bytes(to, n), a.Bytes(r, n))
	m.left.moves--
	m.left.bytes -= n
	m.moved += int64(n)
	return to, true
}

func (m *mover) free(r arena.Ref, n int) { m.sh.st.arena.Free(m.sh.group, r, n) }

// table moves the index.
func (m *mover) table() {
	t := m.sh.tab.Load()
	if t.Block() == 0 {
		return
	}
	if to, ok := m.block(t.Block(), t.Bytes()); ok {
		m.sh.tab.Moved(to)
		m.free(t.Block(), t.Bytes())
	}
}

// entry moves an entry and returns the view of it where it is then.
func (m *mover) entry(e Entry) Entry {
	to, ok := m.block(e.ref(), e.size())
	if !ok {
		return e
	}
	m.sh.tab.Point(e.slot, to)
	m.sh.freeBlock(e)
	e.off = to.Offset()
	return e
}

// hash moves what a hash has outside its entry, from the field hash on. It
// returns where to go on, 0 if that was all.
func (m *mover) hash(e Entry, from uint64) (next uint64) {
	if !e.isTree() {
		m.values(e.Value()[e.packHead():])
		return 0
	}
	t := tree{m.sh, e.Value()}
	dir := arena.Ref(t.word(2))
	if to, ok := m.block(dir, 8<<t.depth()); ok {
		t.setWord(2, uint64(to))
		m.free(dir, 8<<t.depth())
	}
	t.leaves(t.index(from), func(i int, l leaf) bool {
		if m.left.spent() {
			next = t.first(i, l.depth())
			return next == 0 // the first one is looked at in any case
		}
		m.left.words -= wordsPerLook
		if to, ok := m.block(l.ref, l.size()); ok {
			t.point(i, l.depth(), to)
			l.free()
			l.ref = to
		}
		if l.hasBlocks() {
			m.left.words -= wordsPerLook * l.count()
			m.values(l.pack())
		}
		return true
	})
	return next
}

// values moves the values of a pack that are out of line.
func (m *mover) values(pack []byte) {
	for p, ok := next(pack, 0); ok; p, ok = next(pack, p.end()) {
		if p.ref == 0 {
			continue
		}
		if to, ok := m.block(arena.Ref(p.ref), p.length); ok {
			binary.LittleEndian.PutUint64(pack[p.off+p.refAt():], uint64(to))
			m.free(arena.Ref(p.ref), p.length)
		}
	}
}
