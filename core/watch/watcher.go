package watch

import (
	"cmp"
	"slices"
	"sync/atomic"

	"github.com/redistill-go/redistill/core/buffer"
	"github.com/redistill-go/redistill/core/store"
)

// Watcher is one client's set of watched keys. The zero value watches nothing.
type Watcher struct {
	touched atomic.Bool
	number  uint32 // that the hub knows it by, while it watches anything
	keys    buffer.List[watched]
	names   buffer.List[byte]
}

// KeyCost is about how many bytes a watched key takes beside its name: its place in
// the list and in the hub, and what those keep free to grow.
const KeyCost = 72

// watched is a key: its hash, and where its name is.
type watched struct {
	hash uint64
	off  uint64
	n    uint32
	// mortal: it had an expiry when the watching began. Only such a key can go
	// without a change being noticed.
	mortal bool
}

// atOnce is how many keys are worked on at most with their shard locked.
const atOnce = 1024

func (w *Watcher) key(k watched) store.Key {
	return store.Key{Bytes: w.names.All[k.off : k.off+uint64(k.n) : k.off+uint64(k.n)], Hash: k.hash}
}

// Len is the number of watched keys.
func (w *Watcher) Len() int { return len(w.keys.All) }

// Size is about how many bytes the watched keys take.
func (w *Watcher) Size() int { return KeyCost*len(w.keys.All) + len(w.names.All) }

// Watch begins to watch a key, unless it is watched already. A key that has
// expired counts as one that is not there. Its shard is locked. now is in ms
// since the Unix epoch.
func (w *Watcher) Watch(h *Hub, sh *store.Shard, k store.Key, now int64) {
	if len(w.keys.All) == 0 {
		h.enlist(w)
	} else if h.tables[sh.Index()].has(k.Hash, w.number) {
		return
	}
	number, mortal := w.number, false
	if e, there := sh.Peek(k, now); there {
		number |= existed
		mortal = e.ExpireAt() != 0
	}
	off, n := len(w.names.All), len(k.Bytes)
	w.names.Room(h.pool, n)
	w.names.All = append(w.names.All, k.Bytes...)
	w.keys.Add(h.pool, watched{hash: k.Hash, off: uint64(off), n: uint32(n), mortal: mortal})
	h.add(sh, k.Hash, number)
}

// Keys appends the watched keys to dst. They are valid until the watcher watches
// another one, or none.
func (w *Watcher) Keys(dst []store.Key) []store.Key {
	for _, k := range w.keys.All {
		dst = append(dst, w.key(k))
	}
	return dst
}

// Touched says whether a watched key has changed, as far as has been noticed.
// It needs no lock; see Check.
func (w *Watcher) Touched() bool { return w.touched.Load() }

// Check says whether a watched key has changed or expired. The shards of all
// watched keys are locked, so that it stays true until they are unlocked.
func (w *Watcher) Check(st *store.Store, now int64) (touched bool) {
	for _, k := range w.keys.All {
		if k.mortal {
			key := w.key(k)
			st.Locked(key).Peek(key, now) // removes it if it has expired, which touches w
		}
	}
	return w.touched.Load()
}

// Release ends the watching of all keys. The shards of all of them are locked.
func (w *Watcher) Release(h *Hub, st *store.Store) {
	for _, k := range w.keys.All {
		h.drop(st.Locked(store.Key{Hash: k.hash}), k.hash, w.number)
	}
	w.forget(h)
}

// Forget is Release for a caller that has locked no shard. Each shard is locked
// once for many keys in it.
func (w *Watcher) Forget(h *Hub, st *store.Store) {
	keys := w.keys.All
	if len(keys) > 1 { // the shard's number is the beginning of the hash
		slices.SortFunc(keys, func(a, b watched) int { return cmp.Compare(a.hash, b.hash) })
	}
	for len(keys) > 0 {
		sh := st.Lock(store.Key{Hash: keys[0].hash})
		n := 0
		for n < min(len(keys), atOnce) && st.Locked(store.Key{Hash: keys[n].hash}) == sh {
			h.drop(sh, keys[n].hash, w.number)
			n++
		}
		sh.Unlock()
		keys = keys[n:]
	}
	w.forget(h)
}

func (w *Watcher) forget(h *Hub) {
	if len(w.keys.All) > 0 {
		h.dismiss(w)
	}
	w.keys.Clear(h.pool)
	w.names.Clear(h.pool)
	w.touched.Store(false)
}
