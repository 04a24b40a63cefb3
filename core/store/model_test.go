package store

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"math"
	"testing"

	"github.com/redistill-go/redistill/core/store/arena"
	"github.com/redistill-go/redistill/core/store/index"
	"pgregory.net/rapid"
)

// held is what the model knows of a key.
type held struct {
	value    []byte
	expireAt int64
}

func (h held) live(now int64) bool { return h.expireAt == 0 || now <= h.expireAt }

// machine runs drawn operations on a store and on a plain map.
type machine struct {
	st    *Store
	keyOf func([]byte) Key
	keys  int // how many keys there are to draw from
	model map[string]held
	now   int64
	seed  uint64
	lru   *clockPolicy
	pins  []pinned
}

func TestStoreBehavesLikeAMap(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		st, err := New(Options{Shards: rapid.SampledFrom([]int{1, 2, 64}).Draw(rt, "shards"), Reserve: 1 << 32})
		if err != nil {
			rt.Fatal(err)
		}
		defer func() {
			if err := st.Close(); err != nil {
				rt.Fatal(err)
			}
		}()
		m := &machine{st: st, keyOf: st.Key, keys: 2000, model: map[string]held{}, now: epoch, lru: &clockPolicy{samples: 5, sampling: 3}}
		if rapid.IntRange(0, 2).Draw(rt, "hash") == 0 {
			m.keyOf, m.keys = crowded(st), 200
		}
		rt.Repeat(map[string]func(*rapid.T){
			"put":       m.put,
			"fill":      m.fill,
			"drain":     m.drain,
			"get":       m.get,
			"resize":    m.resize,
			"setExpiry": m.setExpiry,
			"delete":    m.delete,
			"tick":      m.tick,
			"scan":      m.scan,
			"sweep":     m.sweep,
			"flush":     m.flush,
			"admit":     m.admit,
			"random":    m.random,
			"trim":      m.trim,
			"stage":     m.stage,
			"pin":       m.pin,
			"unpin":     m.unpin,
			"edit":      m.edit,
			"":          m.check,
		})
	})
}

// crowded hashes so that nearly all fragments are the same few at the start,
// in the middle and at the end of the index, where there is least room.
func crowded(st *Store) func([]byte) Key {
	frags := []uint64{0, 1, 1 << (index.FragBits - 1), 1<<index.FragBits - 2, 1<<index.FragBits - 1}
	return func(b []byte) Key {
		h := maphash.Bytes(st.seed, b)
		frag := frags[h%uint64(len(frags))]
		return Key{Bytes: b, Hash: h&^(1<<(64-st.shardBits)-1) | frag<<(64-index.FragBits-st.shardBits)}
	}
}

// key draws a key; a key's number decides its length.
func (m *machine) key(rt *rapid.T) Key {
	return m.numbered(rapid.OneOf(rapid.IntRange(0, 20), rapid.IntRange(0, m.keys-1)).Draw(rt, "key"))
}

func (m *machine) numbered(i int) Key {
	lengths := [...]int{8, 12, 40, 255, 256, 8, 16, 2000, 8, 24, 70_000, 9, 31}
	b := bytes.Repeat([]byte{'k'}, lengths[i%len(lengths)])
	binary.LittleEndian.PutUint64(b, uint64(i))
	if i == 0 {
		b = nil
	}
	return m.keyOf(b)
}

func (m *machine) size(rt *rapid.T) int {
	if rapid.IntRange(0, 60).Draw(rt, "wide") == 60 {
		return maxNarrowValue + rapid.IntRange(-1, 2).Draw(rt, "beside")
	}
	return rapid.OneOf(rapid.IntRange(0, 40), rapid.IntRange(0, 600), rapid.IntRange(0, arena.MaxSmall),
		rapid.IntRange(arena.MaxSmall-300, arena.MaxSmall+300), rapid.IntRange(arena.MaxSmall, 300_000)).Draw(rt, "size")
}

func (m *machine) expiry(rt *rapid.T) int64 {
	switch rapid.IntRange(0, 5).Draw(rt, "expiry") {
	case 0, 1:
		return m.now + rapid.Int64Range(-2, 500).Draw(rt, "ttl")
	case 2:
		return m.now + rapid.Int64Range(0, 100_000).Draw(rt, "ttl")
	case 3:
		return rapid.SampledFrom([]int64{math.MaxInt64, math.MaxInt64 - 50, math.MinInt64, -1, 1}).Draw(rt, "at")
	default:
		return 0
	}
}

func (m *machine) value(n int) []byte {
	m.seed++
	return pattern(m.seed, n)
}

func (m *machine) put(rt *rapid.T) {
	k, v, at := m.key(rt), m.value(m.size(rt)), m.expiry(rt)
	sh := m.st.Lock(k)
	defer sh.Unlock()
	dst, err := sh.Put(k, String, len(v), at, m.now)
	if err != nil || len(dst) != len(v) {
		rt.Fatalf("Put %d bytes: got %d, %v", len(v), len(dst), err)
	}
	copy(dst, v)
	m.model[string(k.Bytes)] = held{v, at}
}

// fill sets many keys, so that indexes grow.
func (m *machine) fill(rt *rapid.T) {
	from, n := rapid.IntRange(0, m.keys-1).Draw(rt, "from"), rapid.IntRange(1, 400).Draw(rt, "n")
	at := m.expiry(rt)
	for i := from; i < min(from+n, m.keys); i++ {
		k, v := m.numbered(i), m.value(i%50)
		sh := m.st.Lock(k)
		if err := sh.Set(k, v, at, m.now); err != nil {
			rt.Fatal(err)
		}
		sh.Unlock()
		m.model[string(k.Bytes)] = held{v, at}
	}
}

// drain deletes many keys, so that indexes shrink.
func (m *machine) drain(rt *rapid.T) {
	from, n := rapid.IntRange(0, m.keys-1).Draw(rt, "from"), rapid.IntRange(1, m.keys).Draw(rt, "n")
	for i := from; i < min(from+n, m.keys); i++ {
		m.drop(rt, m.numbered(i))
	}
}

func (m *machine) delete(rt *rapid.T) { m.drop(rt, m.key(rt)) }

func (m *machine) drop(rt *rapid.T, k Key) {
	h, there := m.model[string(k.Bytes)]
	if got, want := remove(m.st, k, m.now), there && h.live(m.now); got != want {
		rt.Fatalf("Delete says %v, want %v", got, want)
	}
	delete(m.model, string(k.Bytes))
}

// find looks a key up in both; the caller unlocks.
func (m *machine) find(rt *rapid.T, k Key) (*Shard, Entry, bool) {
	h, there := m.model[string(k.Bytes)]
	there = there && h.live(m.now)
	_ = m.st.Touch(m.st.Warm(k))
	var set LockSet
	m.st.LockKeys(&set, []Key{m.numbered(1), k, k})
	if sh := m.st.Locked(k); sh.mu.TryLock() {
		rt.Fatalf("LockKeys left a key's shard unlocked")
	}
	set.Unlock()
	sh := m.st.Lock(k)
	lookup := sh.Get
	if rapid.Bool().Draw(rt, "peek") {
		lookup = sh.Peek
	}
	e, ok := lookup(k, m.now)
	if ok != there {
		rt.Fatalf("found %v, want %v", ok, there)
	}
	if ok && (!bytes.Equal(e.Value(), h.value) || e.ExpireAt() != h.expireAt || e.Len() != len(h.value) || e.Type() != String) {
		rt.Fatalf("entry of %d bytes, expiry %d; want %d and %d", e.Len(), e.ExpireAt(), len(h.value), h.expireAt)
	}
	if !ok {
		delete(m.model, string(k.Bytes))
	}
	return sh, e, ok
}

func (m *machine) get(rt *rapid.T) {
	sh, _, _ := m.find(rt, m.key(rt))
	sh.Unlock()
}

func (m *machine) resize(rt *rapid.T) {
	k, n := m.key(rt), m.size(rt)
	sh, e, ok := m.find(rt, k)
	defer sh.Unlock()
	if !ok {
		return
	}
	h, r := m.model[string(k.Bytes)], e.Recency()
	dst, err := sh.Resize(k, e, n)
	if err != nil || len(dst) != n {
		rt.Fatalf("Resize to %d: got %d, %v", n, len(dst), err)
	}
	keep := min(n, len(h.value))
	v := m.value(n)
	copy(v, h.value[:keep])
	copy(dst[keep:], v[keep:])
	m.model[string(k.Bytes)] = held{v, h.expireAt}
	if e, _ := sh.Peek(k, m.now); e.Recency() != r {
		rt.Fatalf("Resize changed the recency from %d to %d", r, e.Recency())
	}
}

func (m *machine) setExpiry(rt *rapid.T) {
	k, at := m.key(rt), m.expiry(rt)
	sh, e, ok := m.find(rt, k)
	defer sh.Unlock()
	if !ok {
		return
	}
	if err := sh.SetExpiry(k, e, at); err != nil {
		rt.Fatal(err)
	}
	m.model[string(k.Bytes)] = held{m.model[string(k.Bytes)].value, at}
}
