package watch

import (
	"sync/atomic"

	"github.com/redistill-go/redistill/core/store"
)

// Watcher is one client's set of watched keys. The zero value watches nothing.
type Watcher struct {
	touched atomic.Bool
	keys    []watched
	size    int
}

// watchedCost is about how many bytes a watched key takes beside its name: its
// place here and in the hub.
const watchedCost = 160

type watched struct {
	name string
	hash uint64
}

func (k watched) key() store.Key { return store.Key{Bytes: []byte(k.name), Hash: k.hash} }

// Len is the number of watched keys.
func (w *Watcher) Len() int { return len(w.keys) }

// Size is about how many bytes the watched keys take.
func (w *Watcher) Size() int { return w.size }

// Watch begins to watch a key, unless it is watched already. A key that has
// expired counts as one that is not there. Its shard is locked. now is in ms
// since the Unix epoch.
func (w *Watcher) Watch(h *Hub, sh *store.Shard, k store.Key, now int64) {
	if h.has(sh, k.Bytes, w) {
		return
	}
	_, existed := sh.Peek(k, now)
	name := string(k.Bytes)
	w.keys = append(w.keys, watched{name, k.Hash})
	w.size += len(name) + watchedCost
	h.add(sh, name, entry{w, existed})
}

// Keys appends the watched keys to dst.
func (w *Watcher) Keys(dst []store.Key) []store.Key {
	for _, k := range w.keys {
		dst = append(dst, k.key())
	}
	return dst
}

// Touched says whether a watched key has changed, as far as has been noticed.
// It needs no lock; see Check.
func (w *Watcher) Touched() bool { return w.touched.Load() }

// Check says whether a watched key has changed or expired. The shards of all
// watched keys are locked, so that it stays true until they are unlocked.
func (w *Watcher) Check(st *store.Store, now int64) (touched bool) {
	for _, k := range w.keys {
		if w.touched.Load() {
			return true
		}
		key := k.key()
		st.Locked(key).Peek(key, now) // removes it if it has expired, which touches w
	}
	return w.touched.Load()
}

// Release ends the watching of all keys. The shards of all of them are locked.
func (w *Watcher) Release(h *Hub, st *store.Store) {
	for _, k := range w.keys {
		h.drop(st.Locked(k.key()), k.name, w)
	}
	w.forget()
}

// Forget is Release for a caller that has locked no shard.
func (w *Watcher) Forget(h *Hub, st *store.Store) {
	for _, k := range w.keys {
		sh := st.Lock(k.key())
		h.drop(sh, k.name, w)
		sh.Unlock()
	}
	w.forget()
}

func (w *Watcher) forget() {
	clear(w.keys)
	w.keys, w.size = w.keys[:0], 0
	w.touched.Store(false)
}
