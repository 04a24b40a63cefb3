package store

import (
	"github.com/redistill-go/redistill/core/store/arena"
	"github.com/redistill-go/redistill/core/store/index"
)

// mover moves blocks of one shard, which is locked.
type mover struct {
	sh     *Shard
	drain  *arena.Drain
	left   allowance
	triage triage
	now    int64 // in ms
	// What was moved, in bytes, and how many entries were evicted, of so many.
	moved, evicted, evictedBytes int64
}

// walk goes on from a place in the shard and says whether it came to its end.
// It may go over a few entries twice.
func (m *mover) walk(at *place) (done bool) {
	sh := m.sh
	if !at.begun {
		at.begun = true
		m.table()
	}
	t := sh.tab.Load()
	whole := sh.whole()
	field := at.field
	for i, resumed := t.Resume(at.entry), true; ; resumed = false {
		from := i
		if whole {
			i = m.pass(t.Slots, i)
		}
		if i = t.Used(i); i < 0 {
			return true
		}
		if !resumed || i != from {
			field = 0
		}
		if m.left.spent() {
			at.entry, at.field = t.PlaceOf(i), field
			return false
		}
		w := t.Slots[i]
		m.left.words -= wordsPerLook
		e, drained := sh.entry(w, i), m.drain.Has(index.Ref(w))
		if (drained || m.reaches(e)) && m.evict(e) {
			// The entries after it moved up, or the whole index shrank.
			if now := sh.tab.Load(); now != t {
				t, i = now, now.At(index.Frag(w))
			}
			continue
		}
		if drained {
			e = m.entry(e)
		}
		if field = m.moveParts(e, field); field != 0 {
			at.entry, at.field = t.PlaceOf(i), field
			return false
		}
		i++
	}
}

// pass goes over entries that stay where they are.
func (m *mover) pass(slots []uint64, i int) (next int) {
	next = i
	for end := min(len(slots), i+m.left.words); next < end && !m.drain.Has(index.Ref(slots[next])); {
		next++
	}
	m.left.words -= next - i
	return next
}

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
