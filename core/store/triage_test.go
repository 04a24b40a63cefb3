package store

import "testing"

// Where the store holds too much, compaction evicts what the policy ranks low
// and keeps what it ranks high, though it moves that.
func TestCompactionEvictsWhatRanksLowWhereMemoryIsShort(t *testing.T) {
	p := &clockPolicy{samples: 5, sampling: 1}
	st := newStore(t, Options{Shards: 8, Policy: p})
	const keys = 120_000
	// Those used lately share all huge pages with the others, and differ so much
	// in age that a few draws tell them apart.
	value := pattern(1, 2000)
	for round := range 2 {
		p.clock.Add(1 << 22)
		for i := range keys {
			if round == 0 || i%2 == 0 {
				mustSet(t, st, numbered(st, i), value, 0, epoch)
			}
		}
	}
	now := epoch
	st.SetMaxMemory((st.occupied() - 3<<20 + 9<<19) * 40 / 43) // two huge pages less than over is held, and some
	settle(t, st, now)
	checkStore(t, st, st.Key, 0)
	var old, lately int
	for i := range keys {
		if _, _, ok := get(st, numbered(st, i), now); !ok {
			continue
		}
		if i%2 == 0 {
			lately++
		} else {
			old++
		}
	}
	if lately != keys/2 || old == keys/2 {
		t.Errorf("%d of %d keys are left that were used lately, %d of as many others", lately, keys/2, old)
	}
	c, n := st.Compaction(), st.Totals().Evicted
	if c.Evicted == 0 || c.Evicted != n || c.Moved == 0 || c.Freed == 0 {
		t.Errorf("%+v, %d evicted", c, n)
	}
}

// A policy that keeps an entry is heeded by compaction, too.
func TestCompactionEvictsNothingThatThePolicyKeeps(t *testing.T) {
	st := newStore(t, Options{Shards: 8})
	const keys = 10_000
	for i := range keys {
		mustSet(t, st, numbered(st, i), pattern(uint64(i), 500), 0, epoch)
	}
	st.SetMaxMemory(st.Memory().Allocated / 2)
	if !st.evictionDue() {
		t.Fatalf("not short: %+v", st.Memory())
	}
	settle(t, st, epoch)
	checkStore(t, st, st.Key, 0)
	if n := st.Totals().Keys; n != keys {
		t.Errorf("%d of %d keys are left", n, keys)
	}
}
