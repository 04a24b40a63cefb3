package watch

import (
	"slices"

	"github.com/redistill-go/redistill/core/store"
)

// Hub is the store's listener. Make one with New.
type Hub struct {
	shards []map[string][]entry // by shard; nil: no key of it is watched
	also   store.Listener
}

// entry is a watcher of a key. existed is whether the key was there when the
// watching began, and so whether it still is while the watcher is untouched.
type entry struct {
	watcher *Watcher
	existed bool
}

var _ store.Listener = (*Hub)(nil)

// New makes a hub and sets it as the listener of st, which is not used yet.
func New(st *store.Store) *Hub {
	h := &Hub{shards: make([]map[string][]entry, st.Shards())}
	st.SetListener(h)
	return h
}

// Also passes every change on to l. It is called at most once, before the
// store is used. Shards that only l listens to are told to it as well as those
// with watched keys.
func (h *Hub) Also(l store.Listener) { h.also = l }

// KeyChanged implements store.Listener.
func (h *Hub) KeyChanged(shard int, key []byte, what store.Change) {
	for _, e := range h.shards[shard][string(key)] {
		e.watcher.touched.Store(true)
	}
	if h.also != nil {
		h.also.KeyChanged(shard, key, what)
	}
}

// AllFlushed implements store.Listener. A key that was not there is not
// changed by it.
func (h *Hub) AllFlushed() {
	for _, keys := range h.shards {
		for _, entries := range keys {
			for _, e := range entries {
				if e.existed {
					e.watcher.touched.Store(true)
				}
			}
		}
	}
	if h.also != nil {
		h.also.AllFlushed()
	}
}

func (h *Hub) has(sh *store.Shard, key []byte, w *Watcher) bool {
	return slices.ContainsFunc(h.shards[sh.Index()][string(key)], func(e entry) bool { return e.watcher == w })
}

func (h *Hub) add(sh *store.Shard, key string, e entry) {
	keys := h.shards[sh.Index()]
	if keys == nil {
		keys = map[string][]entry{}
		h.shards[sh.Index()] = keys
	}
	keys[key] = append(keys[key], e)
	sh.Listen(1)
}

func (h *Hub) drop(sh *store.Shard, key string, w *Watcher) {
	keys := h.shards[sh.Index()]
	entries := keys[key]
	entries = slices.DeleteFunc(entries, func(e entry) bool { return e.watcher == w })
	if keys[key] = entries; len(entries) == 0 {
		delete(keys, key)
	}
	if len(keys) == 0 {
		h.shards[sh.Index()] = nil
	}
	sh.Listen(-1)
}
