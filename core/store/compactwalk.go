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
