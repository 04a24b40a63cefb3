package store

import "github.com/redistill-go/redistill/core/store/arena"

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

// look counts looks at what has to be fetched, and says whether the step has time for
// more.
func (m *mover) look(n int) (more bool) {
	m.left.words -= n * wordsPerLook
	return !m.left.spent()
}
