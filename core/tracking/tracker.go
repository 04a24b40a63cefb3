package tracking

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/redistill-go/redistill/core/buffer"
	"github.com/redistill-go/redistill/core/store"
)

// DefaultMaxKeys is how many keys a tracker remembers at most unless told
// otherwise.
const DefaultMaxKeys = 1_000_000

// Options are how a client tracks.
type Options struct {
	// Redirect is the ID of the client that is told instead; 0: none.
	Redirect  int64
	Broadcast bool
	// Prefixes are those of broadcast mode, which are added to the ones that
	// the client has; none at all is every key.
	Prefixes []string
	// NoLoop is not to tell the client of what it has written itself.
	NoLoop bool
}

// Tracker knows which clients cache what. Make one with New. A nil Tracker
// tracks nothing and has no clients.
type Tracker struct {
	st       *store.Store
	pool     *buffer.Pool
	find     func(id int64) (Peer, bool)
	maxKeys  atomic.Int64
	maxBytes atomic.Int64

	tables []table // by shard
	epoch  atomic.Uint64
	keys   atomic.Int64 // in all tables
	items  atomic.Int64 // pairs of key and client in all tables
	bytes  atomic.Int64 // about what the tables take

	turn sync.Mutex // one Enable or Disable at a time

	mu       sync.RWMutex
	clients  map[int64]*client
	prefixes prefixes // of the clients in broadcast mode

	pending pending // what those are still to be told of
}

// client is one that tracks. Its options don't change: a new one takes its
// place.
type client struct {
	id     int64
	peer   Peer
	opts   Options
	broken atomic.Bool // the client that messages are redirected to is gone
}

var _ store.Listener = (*Tracker)(nil)

// New makes a tracker of the keys of st. Whoever is the store's listener
// passes on to it what it hears. find looks for a connected client by its ID;
// it is called with locks held and must call neither the store nor the
// tracker. What is remembered goes to the pool, if that is not nil.
func New(st *store.Store, pool *buffer.Pool, find func(id int64) (Peer, bool)) *Tracker {
	t := &Tracker{st: st, pool: pool, find: find, tables: make([]table, st.Shards()), clients: map[int64]*client{}}
	t.maxKeys.Store(DefaultMaxKeys)
	return t
}

// MaxKeys is how many keys are remembered at most; 0: any number.
func (t *Tracker) MaxKeys() int64 { return t.maxKeys.Load() }

// SetMaxKeys changes how many keys are remembered at most; 0: any number. The
// keys that are too many go as others are read.
func (t *Tracker) SetMaxKeys(n int64) { t.maxKeys.Store(n) }

// MaxBytes is about how many bytes the keys that are remembered may take; 0: any
// number.
func (t *Tracker) MaxBytes() int64 { return t.maxBytes.Load() }

// SetMaxBytes changes about how many bytes the keys that are remembered may take,
// with all that is kept for them; 0: any number. It acts as SetMaxKeys does.
func (t *Tracker) SetMaxBytes(n int64) { t.maxBytes.Store(n) }

// Bytes is about how many bytes the keys that are remembered take. It takes no lock.
func (t *Tracker) Bytes() int64 {
	if t == nil {
		return 0
	}
	return t.bytes.Load()
}

// full says whether more is remembered than may be.
func (t *Tracker) full() bool {
	keys, bytes := t.maxKeys.Load(), t.maxBytes.Load()
	return keys > 0 && t.keys.Load() > keys || bytes > 0 && t.bytes.Load() > bytes
}

// Enable makes the client be told of changes, or changes how. Prefixes must not
// overlap with each other nor with those that it has. With very many of them it
// takes a while; it ends early, and somehow, when gone says that there is no
// client any more, for whom Disable is called anyway.
func (t *Tracker) Enable(id int64, peer Peer, o Options, gone func() bool) {
	t.turn.Lock()
	defer t.turn.Unlock()
	old := t.clients[id] // only a turn changes clients
	if o.Broadcast {
		if len(o.Prefixes) == 0 {
			o.Prefixes = []string{""}
		}
		var have []string
		if old != nil {
			have = old.opts.Prefixes
		}
		added := slices.DeleteFunc(slices.Clone(o.Prefixes), func(p string) bool {
			_, has := slices.BinarySearch(have, p)
			return has
		})
		t.inSteps(added, gone, func(p string) { t.prefixes.add(p, id) })
		o.Prefixes = union(have, o.Prefixes)
	}
	t.mu.Lock()
	t.clients[id] = &client{id: id, peer: peer, opts: o}
	first := old == nil && len(t.clients) == 1
	t.mu.Unlock()
	if first {
		t.st.ListenAll(1)
	}
}

// inSteps does something with each of the prefixes while nobody uses them, and
// lets others in between: writers wait for the lock with a shard locked.
func (t *Tracker) inSteps(list []string, gone func() bool, do func(prefix string)) {
	for some := range slices.Chunk(list, step) {
		if gone() {
			return
		}
		t.mu.Lock()
		for _, p := range some {
			do(p)
		}
		t.mu.Unlock()
	}
}

// Disable ends Enable. The client may not be tracking at all.
func (t *Tracker) Disable(id int64) {
	if _, _, tracks := t.Status(id); !tracks {
		return
	}
	t.turn.Lock()
	defer t.turn.Unlock()
	t.mu.Lock()
	c := t.clients[id]
	delete(t.clients, id)
	last := c != nil && len(t.clients) == 0
	t.mu.Unlock()
	if c != nil {
		t.inSteps(c.opts.Prefixes, func() bool { return false }, func(p string) { t.prefixes.remove(p, id) })
	}
	if last {
		t.st.ListenAll(-1)
		t.pending.forget()
		t.forgetAll()
	}
}

// forgetAll empties the tables when no client is left. They are out of date at
// once and are given up in the background: the caller may hold locks.
func (t *Tracker) forgetAll() {
	old := t.epoch.Add(1) - 1
	if t.keys.Load() == 0 {
		return
	}
	go t.st.EachShard(func(sh *store.Shard) {
		if tb := &t.tables[sh.Index()]; tb.epoch == old {
			t.clear(tb)
		}
	})
}

// Status is how a client tracks. ok is false if it doesn't. broken says that
// the client which messages are redirected to was found to be gone.
func (t *Tracker) Status(id int64) (o Options, broken, ok bool) {
	if t == nil {
		return o, false, false
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	c := t.clients[id]
	if c == nil {
		return o, false, false
	}
	return c.opts, c.broken.Load(), true
}

// Totals are figures for INFO.
type Totals struct {
	Clients  int
	Keys     int64 // that are remembered
	Items    int64 // pairs of key and client that are remembered
	Prefixes int
	Bytes    int64 // about what all of that takes
}

// Totals reports what the tracker holds.
func (t *Tracker) Totals() Totals {
	if t == nil {
		return Totals{}
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	return Totals{Clients: len(t.clients), Keys: t.keys.Load(), Items: t.items.Load(), Prefixes: t.prefixes.count, Bytes: t.bytes.Load() + t.prefixes.bytes}
}

// KeyChanged implements store.Listener.
func (t *Tracker) KeyChanged(shard int, key []byte, what store.Change) {
	tb := &t.tables[shard]
	actor := int64(nobody)
	if what == store.Written || what == store.Deleted {
		actor = tb.actor
	}
	if t.changed(tb, key, actor) {
		t.Flush(actor)
	}
}

// changed tells those who have read the key, and notes it for those with a
// prefix of it. It says whether these are to be told at once.
func (t *Tracker) changed(tb *table, key []byte, actor int64) (due bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if len(t.clients) == 0 {
		return false
	}
	if tb.used > 0 {
		if at := tb.find(t.st.Key(key)); at != nil && *at != 0 {
			t.tellHolders(tb, at, key, actor)
		}
	}
	if !t.prefixes.covers(key) {
		return false
	}
	due, begin := t.pending.add(actor, key)
	if begin && !due {
		t.flushLater()
	}
	return due
}

// AllFlushed implements store.Listener. Every client is told, be it the one
// who did it.
func (t *Tracker) AllFlushed() {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if len(t.clients) == 0 {
		return
	}
	for i := range t.tables {
		t.clear(&t.tables[i])
	}
	for _, c := range t.clients {
		if to, resp3 := t.receiver(c); to != nil {
			to.Push(appendFlush(nil, resp3))
		}
	}
}

// receiver is the connection on which the client is told, nil if there is
// none, and whether it speaks RESP3.
func (t *Tracker) receiver(c *client) (to Peer, resp3 bool) {
	to = c.peer
	if c.opts.Redirect != 0 {
		other, ok := t.find(c.opts.Redirect)
		if !ok {
			c.broken.Store(true)
			if c.peer.Protocol() == 3 {
				c.peer.Push(appendBroken(nil, c.opts.Redirect))
			}
			return nil, false
		}
		to = other
	}
	switch {
	case to.Protocol() == 3:
		return to, true
	case c.opts.Redirect != 0 && to.Subscribed():
		return to, false
	default:
		return nil, false // RESP2 has no way to be told on the connection itself
	}
}
