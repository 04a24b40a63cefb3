package watch

import (
	"sync"
	"sync/atomic"

	"github.com/redistill-go/redistill/core/buffer"
	"github.com/redistill-go/redistill/core/store"
)

// Hub is the store's listener. Make one with New.
type Hub struct {
	st     *store.Store
	pool   *buffer.Pool
	tables []table // by shard
	also   store.Listener

	mu       sync.Mutex
	unused   []uint32                   // numbers
	watchers atomic.Pointer[[]*Watcher] // by number; changed with mu held
}

var _ store.Listener = (*Hub)(nil)

// New makes a hub and sets it as the listener of st, which is not used yet. What
// it remembers goes to the pool, if that is not nil.
func New(st *store.Store, pool *buffer.Pool) *Hub {
	h := &Hub{st: st, pool: pool, tables: make([]table, st.Shards())}
	h.watchers.Store(&[]*Watcher{})
	st.SetListener(h)
	return h
}

// Also passes every change on to l. It is called at most once, before the
// store is used. Shards that only l listens to are told to it as well as those
// with watched keys.
func (h *Hub) Also(l store.Listener) { h.also = l }

// KeyChanged implements store.Listener.
func (h *Hub) KeyChanged(shard int, key []byte, what store.Change) {
	if t := &h.tables[shard]; t.used > 0 {
		t.each(h.st.Key(key).Hash, h.touch)
	}
	if h.also != nil {
		h.also.KeyChanged(shard, key, what)
	}
}

// AllFlushed implements store.Listener. A key that was not there is not
// changed by it.
func (h *Hub) AllFlushed() {
	for i := range h.tables {
		h.tables[i].all(func(p pair) {
			if p.watcher&existed != 0 {
				h.touch(p.watcher)
			}
		})
	}
	if h.also != nil {
		h.also.AllFlushed()
	}
}

// touch tells a watcher, which a table of a locked shard names.
func (h *Hub) touch(watcher uint32) { (*h.watchers.Load())[watcher&^existed].touched.Store(true) }

// enlist gives a watcher its number.
func (h *Hub) enlist(w *Watcher) {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := *h.watchers.Load()
	if n := len(h.unused); n > 0 {
		w.number = h.unused[n-1]
		h.unused = h.unused[:n-1]
		list[w.number] = w // nobody looks at it before a table names it
		return
	}
	w.number = uint32(len(list))
	list = append(list, w)
	h.watchers.Store(&list)
}

// dismiss takes the number of a watcher back, which no table names any more.
func (h *Hub) dismiss(w *Watcher) {
	h.mu.Lock()
	defer h.mu.Unlock()
	(*h.watchers.Load())[w.number] = nil
	h.unused = append(h.unused, w.number)
}

func (h *Hub) add(sh *store.Shard, hash uint64, watcher uint32) {
	h.tables[sh.Index()].add(h.pool, hash, watcher)
	sh.Listen(1)
}

func (h *Hub) drop(sh *store.Shard, hash uint64, watcher uint32) {
	h.tables[sh.Index()].drop(h.pool, hash, watcher)
	sh.Listen(-1)
}
