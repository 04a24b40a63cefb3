package store

import "github.com/redistill-go/redistill/core/store/index"

// Whole is access to all of the key space at once. Its methods take the locks
// they need, or none if the caller holds them all.
type Whole struct {
	st   *Store
	held bool
}

// Whole is access for a caller that has locked no shard.
func (st *Store) Whole() Whole { return Whole{st: st} }

// Whole is access for the owner of the set, which is of all shards.
func (set *LockSet) Whole() Whole { return Whole{st: set.st, held: set.all} }

func (w Whole) lock(sh *Shard) {
	if !w.held {
		sh.mu.Lock()
	}
}

// tryLock is lock that fails rather than wait.
func (w Whole) tryLock(sh *Shard) bool { return w.held || sh.mu.TryLock() }

func (w Whole) unlock(sh *Shard) {
	if !w.held {
		sh.mu.Unlock()
	}
}

func (w Whole) lockAll() {
	if !w.held {
		w.st.lockAll()
	}
}

func (w Whole) unlockAll() {
	if !w.held {
		w.st.unlockAll()
	}
}

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
		t.Keys += sh.tab.Len()
		t.Expiring += sh.expiry.Keys()
		t.Changes += sh.changes.Load()
		t.Expired += sh.expired.Load()
		t.ExpiredFields += sh.hashes.Expired.Load()
		t.Evicted += sh.evicted.Load()
	}
	return t
}

// Flush removes all entries at one moment and returns the rest of the work:
// giving their memory back, which takes a while and needs no lock on the
// shards. The caller runs it, now or with Background.
func (w Whole) Flush() (release func()) {
	st := w.st
	tables := make([]*index.Table, len(st.shards))
	var queues []func()
	w.lockAll()
	if st.listener != nil {
		st.listener.AllFlushed()
	}
	st.needsFull.Store(true)
	for i := range st.shards {
		sh := &st.shards[i]
		sh.leaveReaders()
		if sh.since != nil {
			sh.since.gone = nil
		}
		sh.changes.Add(int64(sh.tab.Len()))
		if tables[i] = sh.tab.Take(); sh.part != nil && sh.part.tab == nil {
			sh.part.tab, tables[i] = tables[i], nil // the view frees it
		}
		sh.expiry.Clear()
		if g := sh.recency.group; g != nil {
			if release := g.Flush(); release != nil {
				queues = append(queues, release)
			}
		}
	}
	w.unlockAll()
	return func() {
		for _, release := range queues {
			release()
		}
		for i, t := range tables {
			st.shards[i].freeTable(t)
		}
	}
}

// freeTable gives back a table that is no longer the shard's, with all entries.
func (sh *Shard) freeTable(t *index.Table) {
	if t == nil {
		return
	}
	for slot, w := range t.Slots {
		if w != 0 {
			e := sh.entry(w, slot)
			sh.freePartsNow(e)
			sh.freeBlock(e)
		}
	}
	sh.tab.Free(t)
}

// Background runs the rest of a Flush while the caller goes on. Close waits for
// it.
func (st *Store) Background(release func()) { st.releases.Go(release) }
