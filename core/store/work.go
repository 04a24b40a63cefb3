package store

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
