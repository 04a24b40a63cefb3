package store

import (
	"bytes"
	"time"

	"github.com/redistill-go/redistill/core/eviction"
	"pgregory.net/rapid"
)

// The machine's operations on the whole store.

func (m *machine) tick(rt *rapid.T) {
	m.now += rapid.OneOf(rapid.Int64Range(0, 3), rapid.Int64Range(0, 1000), rapid.Int64Range(0, 100_000)).Draw(rt, "ms")
}

func (m *machine) scan(rt *rapid.T) {
	count := rapid.IntRange(1, 300).Draw(rt, "count")
	seen := map[string]bool{}
	for cursor, calls := uint64(0), 0; ; calls++ {
		cursor = m.st.Whole().Scan(cursor, count, m.now, func(e Entry) {
			if seen[string(e.Key())] {
				rt.Fatalf("key %.40q seen twice", e.Key())
			}
			seen[string(e.Key())] = true
		})
		if cursor == 0 {
			break
		}
		if calls > len(m.model)+m.st.Shards() {
			rt.Fatalf("the scan doesn't end")
		}
	}
	if len(seen) != m.liveKeys() {
		rt.Fatalf("scanned %d keys of %d", len(seen), m.liveKeys())
	}
}

func (m *machine) liveKeys() (n int) {
	for _, h := range m.model {
		if h.live(m.now) {
			n++
		}
	}
	return n
}

func (m *machine) sweep(rt *rapid.T) {
	before := m.st.Totals()
	removed := m.st.Sweep(m.now, time.Hour)
	after := m.st.Totals()
	if before.Keys-after.Keys != removed || after.Expired-before.Expired != int64(removed) {
		rt.Fatalf("swept %d; before %+v, after %+v", removed, before, after)
	}
}

func (m *machine) flush(rt *rapid.T) {
	release := m.st.Whole().Flush()
	clear(m.model)
	if n := m.st.Totals(); n.Keys != 0 || n.Expiring != 0 {
		rt.Fatalf("after Flush: %+v", n)
	}
	if rapid.Bool().Draw(rt, "write before release") {
		m.fill(rt)
	}
	release()
}

// admit sets a limit under what is held and forgets what was evicted.
func (m *machine) admit(rt *rapid.T) {
	policy := rapid.SampledFrom([]eviction.Policy{nil, m.lru, fifoPolicy{}}).Draw(rt, "policy")
	evicts := policy != nil
	m.st.SetPolicy(policy)
	before, total := m.st.Memory().Allocated, m.st.Totals()
	limit := max(1, before-rapid.Int64Range(-100, 20_000).Draw(rt, "less"))
	m.st.SetMaxMemory(limit)
	busy := m.st.occupied()
	ok := m.st.Admit(m.now, 0)
	held := m.st.Memory()
	// Queues go on while there is a limit, however high.
	m.st.SetMaxMemory(rapid.SampledFrom([]int64{0, 1 << 40}).Draw(rt, "limit"))
	evicted := m.st.Totals().Evicted - total.Evicted
	most := limit
	if evicted == 0 {
		most = marksOf(limit).last
	}
	under := held.Allocated+held.Order <= most
	if want := under || evicts && m.st.Totals().Keys > 0; ok != want && busy <= marksOf(limit).most {
		rt.Fatalf("Admit says %v; under the limit: %v, evicted %d", ok, under, evicted)
	}
	if before <= marksOf(limit).full-held.Order && busy <= marksOf(limit).help && evicted > 0 || !evicts && evicted > 0 {
		rt.Fatalf("evicted %d", evicted)
	}
	if err := m.st.TidyPolicy(); err != nil {
		rt.Fatal(err)
	}
	for key := range m.model {
		k := m.keyOf([]byte(key))
		sh := m.st.Lock(k)
		if _, _, ok := sh.find(k); !ok {
			delete(m.model, key)
		}
		sh.Unlock()
	}
}

func (m *machine) random(rt *rapid.T) {
	key, ok := m.st.Whole().RandomKey([]byte("prefix"), m.now)
	if ok != (m.liveKeys() > 0) {
		rt.Fatalf("RandomKey says %v with %d keys", ok, m.liveKeys())
	}
	if !ok {
		return
	}
	rest, cut := bytes.CutPrefix(key, []byte("prefix"))
	if h, there := m.model[string(rest)]; !cut || !there || !h.live(m.now) {
		rt.Fatalf("RandomKey made up %.40q", key)
	}
}

func (m *machine) trim(rt *rapid.T) {
	if _, err := m.st.Trim(); err != nil {
		rt.Fatal(err)
	}
}

// check compares everything. Of long values it looks at the ends only; get
// looks at all of them.
func (m *machine) check(rt *rapid.T) {
	checkStore(rt, m.st, m.keyOf, 0)
	found := 0
	for i := range m.st.shards {
		sh := &m.st.shards[i]
		sh.mu.Lock()
		for slot, w := range sh.tab.Load().Slots {
			if w == 0 {
				continue
			}
			e := sh.entry(w, slot)
			h, there := m.model[string(e.Key())]
			if !there || e.Len() != len(h.value) || e.ExpireAt() != h.expireAt {
				rt.Fatalf("key %.40q is not what the model says", e.Key())
			}
			end := min(e.Len(), 4096)
			if v := e.Value(); !bytes.Equal(v[:end], h.value[:end]) || !bytes.Equal(v[len(v)-end:], h.value[len(v)-end:]) {
				rt.Fatalf("the value of key %.40q was overwritten", e.Key())
			}
			if h.live(m.now) {
				found++
			}
		}
		sh.mu.Unlock()
	}
	if found != m.liveKeys() {
		rt.Fatalf("%d keys in the store, %d in the model", found, m.liveKeys())
	}
}
