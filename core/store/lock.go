package store

import "slices"

// LockSet is the shards that one command has locked. It is scratch space that
// its owner uses again and again; the zero value is ready.
type LockSet struct {
	st  *Store
	ids []uint32
}

// LockKeys locks the shards of all keys, each once, in ascending order, which
// is what keeps commands with several keys from waiting for each other in a
// circle. The caller holds no other shard, and calls set.Unlock.
func (st *Store) LockKeys(set *LockSet, keys []Key) {
	set.st, set.ids = st, set.ids[:0]
	for _, k := range keys {
		set.ids = append(set.ids, uint32(k.Hash>>(64-st.shardBits)))
	}
	slices.Sort(set.ids)
	set.ids = slices.Compact(set.ids)
	for _, id := range set.ids {
		st.shards[id].mu.Lock()
	}
}

// Unlock unlocks what LockKeys locked.
func (set *LockSet) Unlock() {
	for _, id := range set.ids {
		set.st.shards[id].mu.Unlock()
	}
	set.ids = set.ids[:0]
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
