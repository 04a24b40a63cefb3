package store

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
