package store

import (
	"strings"
	"testing"
)

func TestNewChoosesShards(t *testing.T) {
	for _, c := range []struct {
		o    Options
		want int
	}{
		{Options{}, 2048},
		{Options{MaxMemory: 1 << 30}, 2048},
		{Options{MaxMemory: 1 << 20}, 16},
		{Options{MaxMemory: 100 << 20}, 256},
		{Options{Shards: 1}, 1},
		{Options{Shards: MaxShards}, MaxShards},
	} {
		st, err := New(c.o)
		if err != nil {
			t.Fatal(err)
		}
		if st.Shards() != c.want {
			t.Errorf("%+v: %d shards, want %d", c.o, st.Shards(), c.want)
		}
		if m := st.Memory(); m.Limit != c.o.MaxMemory || m.Resident != 0 {
			t.Errorf("%+v: %+v", c.o, m)
		}
		k := numbered(st, 1)
		mustSet(t, st, k, []byte("value"), 0, epoch)
		if _, _, ok := get(st, k, epoch); !ok {
			t.Errorf("%+v: the key is not there", c.o)
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestNewRefusesAWrongNumberOfShards(t *testing.T) {
	for _, n := range []int{-1, 3, 100, 2 * MaxShards} {
		if _, err := New(Options{Shards: n}); err == nil || !strings.Contains(err.Error(), "power of two") {
			t.Errorf("%d shards: %v", n, err)
		}
	}
}

func TestTypeNames(t *testing.T) {
	if String.String() != "string" || Type(15).String() != "unknown" {
		t.Errorf("%v, %v", String, Type(15))
	}
}

// Keys spread over shards and homes: no shard and no run is much longer than
// chance makes it.
func TestKeysSpread(t *testing.T) {
	st := newStore(t, Options{Shards: 64})
	const keys = 64_000
	for i := range keys {
		mustSet(t, st, numbered(st, i), nil, 0, epoch)
	}
	for i := range st.shards {
		sh := &st.shards[i]
		if n := sh.Count(); n < 800 || n > 1200 {
			t.Errorf("shard %d has %d keys of %d", i, n, keys)
		}
		if tab := sh.tab.Load(); len(tab.Slots) > 2*sh.tab.Len() {
			t.Errorf("shard %d has %d slots for %d keys", i, len(tab.Slots), sh.tab.Len())
		}
	}
	m := st.Memory()
	// Header, key and one index word at a load of at least 5/8.
	if perKey := float64(m.Allocated) / keys; perKey > 24+8*1.6 {
		t.Errorf("%.1f bytes for each key of 12 bytes", perKey)
	}
}
