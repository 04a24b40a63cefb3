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
func (sh *Shard) Listen(n int) { sh.listeners += n }

// ListenAll is Listen for every shard. No shard is locked by the caller.
func (st *Store) ListenAll(n int) {
	st.lockAll()
	defer st.unlockAll()
	for i := range st.shards {
		st.shards[i].listeners += n
	}
}

// Index is the shard's number, 0 to Shards()-1.
func (sh *Shard) Index() int { return sh.index }

// changed counts a write and tells the listener.
func (sh *Shard) changed(key []byte, what Change) {
	sh.changes++
	if sh.listeners > 0 {
		sh.st.listener.KeyChanged(sh.index, key, what)
	}
}
