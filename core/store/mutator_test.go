package store

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/redistill-go/redistill/core/store/index"
	"pgregory.net/rapid"
)

// mutator changes a store at random in every way that there is.
type mutator struct {
	st    *Store
	now   int64
	seed  uint64
	keys  int
	pins  []uint64
	lru   *clockPolicy
	after []func() // the rest of flushes
	twins []Key    // keys that share their fragment with another one
}

// findTwins looks for keys between which no cursor can point.
func (m *mutator) findTwins() {
	key := func(i int) Key { return m.st.Key(strconv.AppendInt([]byte("t"), int64(i), 10)) }
	seen := map[uint64]int{}
	for i := 0; len(m.twins) < 6; i++ {
		k := key(i)
		place := k.Hash >> (64 - index.FragBits - m.st.shardBits)
		if other, ok := seen[place]; ok {
			m.twins = append(m.twins, key(other), k)
		}
		seen[place] = i
	}
}

func (m *mutator) key(rt *rapid.T) Key {
	if rapid.IntRange(0, 3).Draw(rt, "twin") == 0 {
		return rapid.SampledFrom(m.twins).Draw(rt, "key")
	}
	return m.st.Key(fmt.Appendf(nil, "k%d", rapid.OneOf(rapid.IntRange(0, 8), rapid.IntRange(0, m.keys)).Draw(rt, "key")))
}

func (m *mutator) value(rt *rapid.T) []byte {
	m.seed++
	n := rapid.OneOf(rapid.IntRange(0, 40), rapid.IntRange(0, 40), rapid.IntRange(1000, 3000), rapid.IntRange(30_000, 90_000)).Draw(rt, "size")
	return pattern(m.seed, n)
}

// short is for where there are many values.
func (m *mutator) short(rt *rapid.T) []byte {
	m.seed++
	return pattern(m.seed, rapid.IntRange(0, 30).Draw(rt, "size"))
}

func (m *mutator) expiry(rt *rapid.T) int64 {
	return rapid.SampledFrom([]int64{0, 0, 0, m.now + 5, m.now + 30, m.now + 1000}).Draw(rt, "expiry")
}

func (m *mutator) field(rt *rapid.T) []byte {
	return fmt.Appendf(nil, "f%d", rapid.OneOf(rapid.IntRange(0, 5), rapid.IntRange(0, 700)).Draw(rt, "field"))
}

func (m *mutator) must(rt *rapid.T, err error) {
	if err != nil {
		rt.Fatalf("%v", err)
	}
}

// hash opens the hash of a key, in whose place a string goes.
func (m *mutator) hash(rt *rapid.T, change func(f *Fields)) {
	k := m.key(rt)
	sh := m.st.Lock(k)
	defer sh.Unlock()
	f, err := sh.Fields(k, m.now)
	if errors.Is(err, ErrWrongType) {
		sh.Delete(k, m.now)
		f, err = sh.Fields(k, m.now)
	}
	m.must(rt, err)
	change(&f)
	f.Done()
}

func (m *mutator) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"set": func(rt *rapid.T) {
			for range rapid.IntRange(1, 30).Draw(rt, "sets") {
				k := m.key(rt)
				sh := m.st.Lock(k)
				m.must(rt, sh.Set(k, m.value(rt), m.expiry(rt), m.now))
				sh.Unlock()
			}
		},
		"setAll": func(rt *rapid.T) {
			var pairs []Pair
			var keys []Key
			for range rapid.IntRange(1, 8).Draw(rt, "pairs") {
				keys = append(keys, m.key(rt))
				pairs = append(pairs, Pair{Key: keys[len(keys)-1], Value: m.value(rt), ExpireAt: m.expiry(rt)})
			}
			var set LockSet
			m.st.LockKeys(&set, keys)
			defer set.Unlock()
			m.must(rt, m.st.SetAll(pairs, m.now))
		},
		"stage": func(rt *rapid.T) {
			k := m.key(rt)
			s, err := m.st.Stage(len(k.Bytes), PinMin+rapid.IntRange(0, 1000).Draw(rt, "beyond"))
			m.must(rt, err)
			m.seed++
			copy(s.Bytes(), pattern(m.seed, len(s.Bytes())))
			sh := m.st.Lock(k)
			defer sh.Unlock()
			m.must(rt, sh.PutStaged(k, s, m.expiry(rt), m.now))
		},
		"resize": func(rt *rapid.T) {
			k := m.key(rt)
			sh := m.st.Lock(k)
			defer sh.Unlock()
			if e, ok := sh.Get(k, m.now); ok && e.Type() == String {
				dst, err := sh.Resize(k, e, max(0, e.Len()+rapid.IntRange(-3, 3).Draw(rt, "by")))
				m.must(rt, err)
				m.seed++
				copy(dst, pattern(m.seed, len(dst)))
			}
		},
		"expire": func(rt *rapid.T) {
			k := m.key(rt)
			sh := m.st.Lock(k)
			defer sh.Unlock()
			if e, ok := sh.Get(k, m.now); ok {
				m.must(rt, sh.SetExpiry(k, e, m.expiry(rt)))
			}
		},
		"delete": func(rt *rapid.T) { remove(m.st, m.key(rt), m.now) },
		"pin": func(rt *rapid.T) {
			k := m.key(rt)
			sh := m.st.Lock(k)
			defer sh.Unlock()
			if e, ok := sh.Get(k, m.now); ok && e.Type() == String {
				if _, ref, ok := sh.Pin(e); ok {
					m.pins = append(m.pins, ref)
				}
			}
		},
		"unpin": func(*rapid.T) { m.unpin() },
		"tick": func(rt *rapid.T) {
			m.now += rapid.Int64Range(0, 10).Draw(rt, "ms")
			if rapid.IntRange(0, 2).Draw(rt, "sweep") == 0 {
				m.st.Sweep(m.now, 1<<40)
			}
		},
		"evict": func(rt *rapid.T) {
			m.st.SetPolicy(m.lru)
			for range rapid.IntRange(1, 5).Draw(rt, "evictions") {
				m.st.Evictor.some(m.now, math.MaxInt64)
			}
			m.st.SetPolicy(nil)
		},
		"flush": func(rt *rapid.T) {
			if rapid.IntRange(0, 3).Draw(rt, "sure") == 0 {
				m.after = append(m.after, m.st.Whole().Flush())
			}
		},
		"hset": func(rt *rapid.T) {
			n := rapid.SampledFrom([]int{1, 3, 10, 500}).Draw(rt, "fields")
			m.hash(rt, func(f *Fields) {
				for range n {
					value := m.value
					if n > 10 {
						value = m.short
					}
					_, err := f.Set(m.field(rt), value(rt), rapid.SampledFrom([]int64{0, 0, KeepExpiry, m.now + 10}).Draw(rt, "at"))
					m.must(rt, err)
				}
			})
		},
		"hset all": func(rt *rapid.T) {
			var pairs [][]byte
			for range rapid.IntRange(1, 200).Draw(rt, "pairs") {
				pairs = append(pairs, m.field(rt), fmt.Append(nil, rapid.Int().Draw(rt, "value")))
			}
			undo := rapid.Bool().Draw(rt, "undo")
			m.hash(rt, func(f *Fields) {
				if undo {
					f.Begin()
				}
				_, err := f.SetAll(pairs, 0)
				m.must(rt, err)
				if undo {
					f.Undo()
				}
			})
		},
		"replace": func(rt *rapid.T) {
			n := rapid.SampledFrom([]int{0, 1, 10, 500}).Draw(rt, "fields")
			k := m.key(rt)
			sh := m.st.Lock(k)
			defer sh.Unlock()
			f, err := sh.Replace(k, m.expiry(rt), m.now)
			m.must(rt, err)
			for range n {
				_, err := f.Set(m.field(rt), m.short(rt), rapid.SampledFrom([]int64{0, 0, m.now + 10}).Draw(rt, "at"))
				m.must(rt, err)
			}
			if rapid.Bool().Draw(rt, "undo") {
				f.Undo()
			} else {
				f.Done()
			}
		},
		"attach": func(rt *rapid.T) {
			n := rapid.SampledFrom([]int{0, 1, 10, 500}).Draw(rt, "fields")
			k := m.key(rt)
			d, err := m.st.Draft(k, m.expiry(rt), m.now)
			m.must(rt, err)
			for range n {
				v := m.value(rt)
				m.must(rt, d.Set(m.field(rt), v[:min(len(v), 30)], rapid.SampledFrom([]int64{0, 0, m.now + 10}).Draw(rt, "at")))
			}
			if rapid.Bool().Draw(rt, "drop") {
				d.Free()
				return
			}
			sh := m.st.Lock(k)
			defer sh.Unlock()
			m.must(rt, sh.Attach(k, d, m.now))
		},
		"hdel": func(rt *rapid.T) {
			n := rapid.SampledFrom([]int{1, 5, 300}).Draw(rt, "fields")
			m.hash(rt, func(f *Fields) {
				for range n {
					f.Delete(m.field(rt))
				}
			})
		},
		"hexpire": func(rt *rapid.T) {
			m.hash(rt, func(f *Fields) {
				for range rapid.IntRange(1, 10).Draw(rt, "fields") {
					_, err := f.SetExpiry(m.field(rt), m.expiry(rt))
					m.must(rt, err)
				}
				f.Persist(m.field(rt))
			})
		},
	}
}

func (m *mutator) unpin() {
	for _, ref := range m.pins {
		m.st.Unpin(ref)
	}
	m.pins = nil
}

func (m *mutator) clock() time.Time { return time.UnixMilli(m.now) }

// end gives back what the mutator holds.
func (m *mutator) end() {
	m.unpin()
	for _, release := range m.after {
		release()
	}
	m.after = nil
}

func newMutator(rt *rapid.T) *mutator {
	st, err := New(Options{Shards: rapid.SampledFrom([]int{1, 2, 8}).Draw(rt, "shards"), Reserve: 1 << 32})
	if err != nil {
		rt.Fatal(err)
	}
	m := &mutator{
		st: st, now: epoch, keys: rapid.SampledFrom([]int{12, 600}).Draw(rt, "keys"),
		lru: &clockPolicy{samples: 5, sampling: 3},
	}
	m.findTwins()
	return m
}
