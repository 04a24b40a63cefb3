package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/redistill-go/redistill/core/module"
)

// state is what a view is compared with: keys and what they hold, written out.
type state map[string]string

func stateOf(r module.Record, now int64) string {
	var b strings.Builder
	fmt.Fprintf(&b, "until %d: ", r.ExpireAt)
	if r.Fields == nil {
		fmt.Fprintf(&b, "%x", r.Value)
		return b.String()
	}
	fields := slices.SortedFunc(slices.Values(r.Fields), func(a, b module.Field) int { return bytes.Compare(a.Name, b.Name) })
	for _, f := range fields {
		if f.ExpireAt != 0 && now > f.ExpireAt {
			continue
		}
		fmt.Fprintf(&b, "%x=%x until %d; ", f.Name, f.Value, f.ExpireAt)
	}
	return b.String()
}

// records are what is on a disk, as it were.
type records map[string]module.Record

func (rs records) put(r module.Record) {
	r.Key, r.Value = bytes.Clone(r.Key), bytes.Clone(r.Value)
	r.Fields = slices.Clone(r.Fields)
	for i, f := range r.Fields {
		r.Fields[i] = module.Field{Name: bytes.Clone(f.Name), Value: bytes.Clone(f.Value), ExpireAt: f.ExpireAt}
	}
	rs[string(r.Key)] = r
}

// state is what has not expired.
func (rs records) state(now int64) state {
	all := state{}
	for k, r := range rs {
		live := slices.ContainsFunc(r.Fields, func(f module.Field) bool { return f.ExpireAt == 0 || now <= f.ExpireAt })
		if (r.ExpireAt == 0 || now <= r.ExpireAt) && (r.Fields == nil || live) {
			all[k] = stateOf(r, now)
		}
	}
	return all
}

// dump reads the store with nothing but its readers, no shard being locked.
func dump(st *Store, now int64) state {
	all := state{}
	for cursor := uint64(0); ; {
		cursor = st.Scan(cursor, 1000, now, func(e Entry) {
			r := module.Record{Key: e.Key(), ExpireAt: e.ExpireAt()}
			if e.Type() == String {
				r.Value = e.Value()
			} else {
				f := st.Locked(st.Key(e.Key())).FieldsOf(e, now)
				f.Each(func(name, value []byte, at int64) bool {
					r.Fields = append(r.Fields, module.Field{Name: name, Value: value, ExpireAt: at})
					return true
				})
				if r.Fields == nil {
					return
				}
			}
			all[string(e.Key())] = stateOf(r, now)
		})
		if cursor == 0 {
			return all
		}
	}
}

// viewer walks a view a little at a time and collects what it yields.
type viewer struct {
	v       *View
	want    state // at the moment
	got     records
	walkers []*walker
}

func (vr *viewer) begin(rt fataler, v module.View, want state, walkers int) {
	vr.v, vr.want, vr.got, vr.walkers = v.(*View), want, records{}, nil
	for range walkers {
		vr.walkers = append(vr.walkers, &walker{v: vr.v, shard: -1, yield: func(r module.Record) error {
			if _, twice := vr.got[string(r.Key)]; twice {
				rt.Fatalf("key %.40q was yielded twice", r.Key)
			}
			vr.got.put(r)
			return nil
		}})
	}
}

// turn lets a walker go on and says whether the walk is over.
func (vr *viewer) turn(rt fataler, n int) (over bool) {
	w := vr.walkers[n%len(vr.walkers)]
	more, err := w.turn(context.Background())
	if err != nil {
		rt.Fatalf("walk: %v", err)
	}
	if !more {
		vr.walkers = slices.DeleteFunc(vr.walkers, func(o *walker) bool { return o == w })
	}
	return len(vr.walkers) == 0
}

// check compares a full view with what it should be, exactly.
func (vr *viewer) check(rt fataler) {
	rt.Helper()
	got := state{}
	for k, r := range vr.got {
		got[k] = stateOf(r, 0)
	}
	sameState(rt, "view", got, vr.want)
}

func sameState(rt fataler, what string, got, want state) {
	rt.Helper()
	for k, w := range want {
		if g, ok := got[k]; !ok || g != w {
			rt.Fatalf("%s: key %.40q is there: %v, %.300s; want %.300s", what, k, ok, g, w)
		}
	}
	for k, g := range got {
		if _, ok := want[k]; !ok {
			rt.Fatalf("%s: key %.40q should not be there, %.300s", what, k, g)
		}
	}
}

// checkUnviewed asserts that a closed view left nothing behind.
func checkUnviewed(rt fataler, st *Store) {
	rt.Helper()
	checkStore(rt, st, st.Key, 0)
	if n := st.Kept(); n != 0 {
		rt.Fatalf("%d bytes are kept for no view", n)
	}
	for i := range st.shards {
		sh := &st.shards[i]
		if sh.part != nil || sh.hooks.Load()&hookView != 0 {
			rt.Fatalf("shard %d still has a view", i)
		}
		for slot, w := range sh.tab.Load().slots {
			if w == 0 {
				continue
			}
			e := sh.entry(w, slot)
			marked := e.header&newerFlag != 0
			if e.isTree() {
				tree{sh, e.Value()}.leaves(0, func(_ int, l leaf) bool { marked = marked || l.isNewer(); return true })
			}
			if marked {
				rt.Fatalf("key %.40q is still marked", e.Key())
			}
		}
	}
}

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
	seen := map[uint64]Key{}
	for i := 0; len(m.twins) < 6; i++ {
		k := m.st.Key(fmt.Appendf(nil, "t%d", i))
		place := k.Hash >> (64 - fragBits - m.st.shardBits)
		if other, ok := seen[place]; ok {
			m.twins = append(m.twins, other, k)
		}
		seen[place] = k
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
				m.st.evictOne(m.now)
			}
			m.st.SetPolicy(nil)
		},
		"flush": func(rt *rapid.T) {
			if rapid.IntRange(0, 3).Draw(rt, "sure") == 0 {
				m.after = append(m.after, m.st.Flush())
			}
		},
		"hset": func(rt *rapid.T) {
			n := rapid.SampledFrom([]int{1, 3, 10, 500}).Draw(rt, "fields")
			m.hash(rt, func(f *Fields) {
				for range n {
					v := m.value(rt)
					if n > 10 {
						v = v[:min(len(v), 30)]
					}
					_, err := f.Set(m.field(rt), v, rapid.SampledFrom([]int64{0, 0, KeepExpiry, m.now + 10}).Draw(rt, "at"))
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
				v := m.value(rt)
				_, err := f.Set(m.field(rt), v[:min(len(v), 30)], rapid.SampledFrom([]int64{0, 0, m.now + 10}).Draw(rt, "at"))
				m.must(rt, err)
			}
			if rapid.Bool().Draw(rt, "undo") {
				f.Undo()
			} else {
				f.Done()
			}
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

// A view has what the store held at its moment, whatever happens while it is
// walked, and leaves nothing behind.
func TestViewIsOfOneMoment(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := newMutator(rt)
		defer func() { m.must(rt, m.st.Close()) }()
		var vr viewer
		actions := m.actions()
		actions["view"] = func(rt *rapid.T) {
			if vr.v != nil {
				if _, err := m.st.View(); !errors.Is(err, ErrViewOpen) {
					rt.Fatalf("a second view: %v", err)
				}
				return
			}
			v, err := m.st.view(true, m.clock)
			m.must(rt, err)
			vr.begin(rt, v, dump(m.st, m.now), rapid.IntRange(1, 2).Draw(rt, "walkers"))
		}
		actions["walk"] = func(rt *rapid.T) {
			for range rapid.IntRange(1, 4).Draw(rt, "turns") {
				if vr.v != nil && vr.turn(rt, rapid.IntRange(0, 1).Draw(rt, "walker")) {
					vr.check(rt)
					vr.v.Close(true)
					vr.v = nil
					m.end()
					checkUnviewed(rt, m.st)
				}
			}
		}
		actions["close"] = func(rt *rapid.T) {
			if vr.v == nil || rapid.IntRange(0, 3).Draw(rt, "sure") > 0 {
				return
			}
			for _, w := range vr.walkers {
				w.drop()
			}
			vr.v.Close(false)
			vr.v = nil
			m.end()
			checkUnviewed(rt, m.st)
		}
		actions[""] = func(rt *rapid.T) {
			if vr.v == nil && m.after == nil {
				checkStore(rt, m.st, m.st.Key, 0)
			}
		}
		rt.Repeat(actions)
		if vr.v != nil {
			for !vr.turn(rt, 0) {
			}
			vr.check(rt)
			vr.v.Close(true)
		}
		m.end()
		checkUnviewed(rt, m.st)
	})
}

// Changes, applied to what was saved before, are what the store held at their
// moment; those of a view that was not kept come with the next one.
func TestChangesAddUp(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := newMutator(rt)
		defer func() { m.must(rt, m.st.Close()) }()
		m.st.TrackChanges()
		var vr viewer
		disk, next := records{}, records{}
		full := true // the next view must be
		finish := func() {
			for k, r := range vr.got {
				if !vr.v.Full() && r.ExpireAt == 0 && r.Fields == nil && stateOf(r, 0) != vr.want[k] {
					rt.Fatalf("key %q: not what it was at the moment", k)
				}
				next[k] = r
			}
			sameState(rt, "changes", next.state(vr.v.now), vr.want)
			kept := rapid.IntRange(0, 2).Draw(rt, "kept") > 0
			if kept {
				disk = next
			}
			full = vr.v.Full() && !kept
			vr.v.Close(kept)
			vr.v = nil
			m.end()
			checkUnviewed(rt, m.st)
		}
		actions := m.actions()
		flush := actions["flush"]
		flushed := 0
		actions["flush"] = func(rt *rapid.T) {
			n := len(m.after)
			if flush(rt); len(m.after) > n {
				flushed++
			}
		}
		actions["view"] = func(rt *rapid.T) {
			if vr.v != nil {
				return
			}
			v, err := m.st.view(false, m.clock)
			m.must(rt, err)
			if v.Full() != (full || flushed > 0) {
				rt.Fatalf("full: %v, want %v, %d flushes", v.Full(), full, flushed)
			}
			flushed = 0
			vr.begin(rt, v, dump(m.st, m.now), rapid.IntRange(1, 2).Draw(rt, "walkers"))
			next = records{}
			if !v.Full() {
				maps.Copy(next, disk)
			}
			m.must(rt, v.Deleted(func(key []byte) error {
				delete(next, string(key))
				return nil
			}))
		}
		actions["walk"] = func(rt *rapid.T) {
			for range rapid.IntRange(1, 4).Draw(rt, "turns") {
				if vr.v != nil && vr.turn(rt, rapid.IntRange(0, 1).Draw(rt, "walker")) {
					finish()
				}
			}
		}
		actions["close"] = func(rt *rapid.T) {
			if vr.v == nil || rapid.IntRange(0, 3).Draw(rt, "sure") > 0 {
				return
			}
			for _, w := range vr.walkers {
				w.drop()
			}
			full = vr.v.Full()
			vr.v.Close(false)
			vr.v = nil
			m.end()
			checkUnviewed(rt, m.st)
		}
		rt.Repeat(actions)
		if vr.v != nil {
			for !vr.turn(rt, 0) {
			}
			finish()
		}
		m.end()
	})
}
