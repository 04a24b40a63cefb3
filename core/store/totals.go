package store

import "math"

// Totals are figures of the whole store.
type Totals struct {
	Keys     int   // entries, expired ones that nobody met included
	Expiring int   // entries with an expiry
	Changes  int64 // writes since the start
	Expired  int64 // entries removed because they had expired
	Evicted  int64 // entries removed to make room
}

// Totals adds up the shards, each at its own moment.
func (st *Store) Totals() Totals {
	var t Totals
	for i := range st.shards {
		sh := &st.shards[i]
		sh.mu.Lock()
		t.Keys += sh.count
		t.Expiring += sh.expiring
		t.Changes += sh.changes
		t.Expired += sh.expired
		t.Evicted += sh.evicted
		sh.mu.Unlock()
	}
	return t
}

// Flush removes all entries at one moment and returns the rest of the work:
// giving their memory back, which takes a while and needs no lock on the
// shards. The caller runs it, now or in the background.
func (st *Store) Flush() (release func()) {
	tables := make([]*table, len(st.shards))
	st.lockAll()
	if st.listener != nil {
		st.listener.AllFlushed()
	}
	for i := range st.shards {
		sh := &st.shards[i]
		tables[i] = sh.tab.Swap(noTable)
		sh.changes += int64(sh.count)
		sh.count, sh.expiring = 0, 0
		sh.minExpire, sh.sweepAt = math.MaxInt64, math.MaxInt64
	}
	st.unlockAll()
	return func() {
		for i, t := range tables {
			sh := &st.shards[i]
			for slot, w := range t.slots {
				if w != 0 {
					sh.freeBlock(sh.entry(w, slot))
				}
			}
			t.free(st.arena, sh.group)
		}
	}
}
