package store

// Change is what happened to a key.
type Change uint8

// The changes that a Listener hears of.
const (
	Written Change = iota // created, replaced, altered, its expiry included
	Deleted
	Expired
	Evicted
	Flushed // with everything else: FLUSHALL
)

// Listener hears of changes of keys, to abort transactions that watch them and
// to tell clients that cache them.
//
// KeyChanged is called with the key's shard locked, before the change can be
// seen by others; key is valid during the call. It must be quick, must not
// block and must not call the store. AllFlushed is called with every shard
// locked, in place of KeyChanged for each key.
type Listener interface {
	KeyChanged(shard int, key []byte, what Change)
	AllFlushed()
}

// SetListener sets who hears of changes in shards that somebody listens to. It
// is called once, before the store is used.
func (st *Store) SetListener(l Listener) { st.listener = l }

// Listen makes changes of the shard be told to the listener (n = 1), or ends
// that (n = -1): each ends what one other began. The shard is locked. A shard
// that nobody listens to pays one predictable branch for each write.
func (sh *Shard) Listen(n int) { sh.hooks.Add(int32(n) * hookListener) }

// Listened says whether anybody listens to the shard, which is locked.
func (sh *Shard) Listened() bool { return sh.hooks.Load() >= hookListener }

// ListenAll is Listen for every shard. It needs no lock: whoever locks a shard
// after it returns is heard.
func (st *Store) ListenAll(n int) {
	for i := range st.shards {
		st.shards[i].hooks.Add(int32(n) * hookListener)
	}
}

// EachShard calls f for every shard, one after another, with its lock held.
// The caller holds none.
func (st *Store) EachShard(f func(*Shard)) {
	for i := range st.shards {
		sh := &st.shards[i]
		sh.mu.Lock()
		f(sh)
		sh.mu.Unlock()
	}
}

// Index is the shard's number, 0 to Shards()-1.
func (sh *Shard) Index() int { return sh.index }

// changed counts a write and tells whoever wants to hear of it.
func (sh *Shard) changed(key []byte, what Change) {
	if sh.heard() {
		sh.tell(key, what)
	}
}

// heard counts a write and says whether somebody wants to hear of it: tell is
// due then.
func (sh *Shard) heard() bool {
	sh.changes.Add(1)
	return sh.hooks.Load() != 0
}

func (sh *Shard) tell(key []byte, what Change) {
	hooks := sh.hooks.Load()
	if hooks >= hookListener {
		sh.st.listener.KeyChanged(sh.index, key, what)
	}
	if hooks&(hookView|hookChanges) == 0 {
		return
	}
	k := sh.st.Key(key)
	if hooks&hookChanges != 0 {
		sh.note(k, what)
	}
	if hooks&hookView != 0 && what == Written {
		if e, _, ok := sh.find(k); ok {
			sh.part.markNewer(&e)
		}
	}
}
