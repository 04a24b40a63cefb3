package store

import (
	"slices"

	"github.com/redistill-go/redistill/core/sys"
)

// LockSet is the shards that one command or transaction has locked. It is
// scratch space that its owner uses again and again; the zero value is ready.
type LockSet struct {
	st  *Store
	all bool
	ids []uint32 // ascending; empty if all
}

// keepLocked is how many places a LockSet keeps for its next use.
const keepLocked = 4096

// LockKeys locks the shards of all keys, each once, in ascending order, which
// is what keeps commands with several keys from waiting for each other in a
// circle. The caller holds no other shard, and calls set.Unlock.
func (st *Store) LockKeys(set *LockSet, keys []Key) {
	set.st, set.all, set.ids = st, false, set.ids[:0]
	// Of very many keys most are in shards that are in the list already.
	most := max(2*len(st.shards), keepLocked)
	for _, k := range keys {
		if len(set.ids) == most {
			set.order()
		}
		set.ids = append(set.ids, uint32(k.Hash>>(64-st.shardBits)))
	}
	set.order()
	for _, id := range set.ids {
		st.shards[id].mu.Lock()
	}
}

// order sorts the shards, each once.
func (set *LockSet) order() {
	slices.Sort(set.ids)
	set.ids = slices.Compact(set.ids)
}

// LockAll locks every shard, when there is no Work in any. The caller holds none,
// and calls set.Unlock.
func (st *Store) LockAll(set *LockSet) {
	set.st, set.all, set.ids = st, true, set.ids[:0]
	st.lockAllIdle()
}

// WorkOn is the work on one of the keys, whose shards are locked; nil: there is none.
func (st *Store) WorkOn(keys []Key) *Work {
	for _, k := range keys {
		if sh := st.shardOf(k.Hash); sh.Attended() {
			if w := sh.WorkOn(k); w != nil {
				return w
			}
		}
	}
	return nil
}

// Unlock unlocks what LockKeys or LockAll locked.
func (set *LockSet) Unlock() {
	if set.all {
		set.st.unlockAll()
	}
	for _, id := range set.ids {
		set.st.shards[id].mu.Unlock()
	}
	if set.all, set.ids = false, set.ids[:0]; cap(set.ids) > keepLocked {
		set.ids = nil
	}
}

// Locked is the shard of a key, which must be in the set. That it is not is a
// mistake in the program, for which a build that checks memory panics.
func (set *LockSet) Locked(k Key) *Shard {
	if sys.Checked && !set.Holds(k) {
		panic("store: the shard of a key is not locked")
	}
	return set.st.shardOf(k.Hash)
}

// Holds says whether the key's shard is in the set.
func (set *LockSet) Holds(k Key) bool {
	if set.all {
		return true
	}
	if len(set.ids) == 0 {
		return false
	}
	_, ok := slices.BinarySearch(set.ids, uint32(k.Hash>>(64-set.st.shardBits)))
	return ok
}

// Locked is the shard of a key that LockKeys was called for.
func (st *Store) Locked(k Key) *Shard { return st.shardOf(k.Hash) }

func (st *Store) lockAll() {
	for i := range st.shards {
		st.shards[i].mu.Lock()
	}
}

func (st *Store) unlockAll() {
	for i := range st.shards {
		st.shards[i].mu.Unlock()
	}
}

// Work is a key that one command changes in several steps, so that its shard is not
// locked for long: whoever else wants this key waits until the work has ended, and
// sees all of it or nothing, while other keys of the shard can be used between the
// steps. Who only looks at all keys, to list, evict or expire them, does not wait. A
// snapshot and whoever locks all shards does.
//
// A bit in the shard's hooks says that there is work, so that others pay nothing.
type Work struct {
	key  []byte
	done chan struct{}
}

// Work begins the work on a key whose shard is locked. It is nil where there is
// none to begin, because somebody waits for all work to end: the caller then keeps
// the shard locked. The caller calls EndWork, and keeps the key's bytes until then.
func (sh *Shard) Work(k Key) *Work {
	if sh.st.awaited.Load() > 0 {
		return nil
	}
	w := &Work{key: k.Bytes, done: make(chan struct{})}
	if sh.works = append(sh.works, w); len(sh.works) == 1 {
		sh.hooks.Add(hookWork)
	}
	return w
}

// EndWork ends it. The shard is locked.
func (sh *Shard) EndWork(w *Work) {
	for i, o := range sh.works {
		if o == w {
			last := len(sh.works) - 1
			sh.works[i], sh.works[last] = sh.works[last], nil
			sh.works = sh.works[:last]
			break
		}
	}
	if len(sh.works) == 0 {
		sh.hooks.Add(-hookWork)
	}
	close(w.done)
}

// Wait returns when the work has ended. The caller has locked no shard.
func (w *Work) Wait() { <-w.done }

// Attended says whether anybody listens to the shard, which is locked, or works on
// keys of it.
func (sh *Shard) Attended() bool { return sh.hooks.Load() >= hookWork }

// WorkOn is the work on a key whose shard is locked; nil: there is none.
func (sh *Shard) WorkOn(k Key) *Work {
	for _, w := range sh.works {
		if string(w.key) == string(k.Bytes) {
			return w
		}
	}
	return nil
}

// lockAllIdle locks all shards while nobody is at work in any. So that this comes to
// an end, no work begins while somebody waits for it.
func (st *Store) lockAllIdle() {
	st.awaited.Add(1)
	defer st.awaited.Add(-1)
	for st.lockAll(); ; st.lockAll() {
		w := st.anyWork()
		if w == nil {
			return
		}
		st.unlockAll()
		w.Wait()
	}
}

func (st *Store) anyWork() *Work {
	for i := range st.shards {
		if works := st.shards[i].works; len(works) > 0 {
			return works[0]
		}
	}
	return nil
}
