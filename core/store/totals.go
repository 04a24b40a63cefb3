package store

import "math"

// Totals are figures of the whole store.
type Totals struct {
	Keys     int   // entries, expired ones that nobody met included
	Expiring int   // entries with an expiry
	Changes  int64 // writes since the start
	Expired  int64 // entries removed because they had expired
	// ExpiredFields is the number of fields removed because they had expired.
	ExpiredFields int64
	Evicted       int64 // entries removed to make room
}

// Totals adds up the shards, each at its own moment. It takes no lock.
func (st *Store) Totals() Totals {
	var t Totals
	for i := range st.shards {
		sh := &st.shards[i]
		t.Keys += sh.count.Int()
		t.Expiring += sh.expiring.Int()
		t.Changes += sh.changes.Load()
		t.Expired += sh.expired.Load()
		t.ExpiredFields += sh.expiredFields.Load()
		t.Evicted += sh.evicted.Load()
	}
	return t
}

// Flush removes all entries at one moment and returns the rest of the work:
// giving their memory back, which takes a while and needs no lock on the
// shards. The caller runs it, now or with Background.
func (st *Store) Flush() (release func()) { return st.Whole().Flush() }

// Flush is Store.Flush.
func (w Whole) Flush() (release func()) {
	st := w.st
	tables := make([]*table, len(st.shards))
	var orders []func()
	w.lockAll()
	if st.listener != nil {
		st.listener.AllFlushed()
	}
	st.needsFull.Store(true)
	for i := range st.shards {
		sh := &st.shards[i]
		sh.flushFrozen()
		tables[i] = sh.tab.Swap(noTable)
		if sh.part != nil && sh.part.tab == nil {
			sh.part.tab, tables[i] = tables[i], noTable // the view frees it
		}
		if sh.since != nil {
			sh.since.gone = nil
		}
		sh.changes.Add(sh.count.Load())
		sh.count.Store(0)
		sh.expiring.Store(0)
		sh.fieldExpiring.Store(0)
		sh.minExpire, sh.sweepAt = math.MaxInt64, math.MaxInt64
		if sh.order != nil {
			if release := sh.order.flush(); release != nil {
				orders = append(orders, release)
			}
		}
	}
	w.unlockAll()
	return func() {
		for _, release := range orders {
			release()
		}
		for i, t := range tables {
			st.shards[i].freeTable(t)
		}
	}
}

// freeTable gives back a table that is no longer the shard's, with all entries.
func (sh *Shard) freeTable(t *table) {
	for slot, w := range t.slots {
		if w != 0 {
			e := sh.entry(w, slot)
			if e.isTree() {
				tree{sh, e.Value()}.free() // nobody waits for it
			} else {
				sh.freeFields(e)
			}
			sh.freeBlock(e)
		}
	}
	t.free(sh.st.arena, sh.group)
}

// Background runs the rest of a Flush while the caller goes on. Close waits for
// it.
func (st *Store) Background(release func()) { st.releases.Go(release) }
