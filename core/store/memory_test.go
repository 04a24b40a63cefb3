package store

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/store/arena"
)

// small is what may stay resident when a store is empty: nothing but a huge
// page or two.
const small = 4 << 20

func TestDeletingEverythingGivesTheMemoryBack(t *testing.T) {
	st := newStore(t, Options{Shards: 16})
	const keys = 20_000
	for i := range keys {
		mustSet(t, st, numbered(st, i), pattern(1, i%5000), 0, epoch)
	}
	mustSet(t, st, numbered(st, keys), pattern(1, 20<<20), 0, epoch)
	full := st.Memory()
	if full.Allocated < keys*2500+20<<20 || full.Resident < full.Allocated {
		t.Fatalf("full: %+v", full)
	}
	for i := range keys + 1 {
		remove(st, numbered(st, i), epoch)
	}
	checkStore(t, st, st.Key, 0)
	returned, err := st.Trim()
	if err != nil {
		t.Fatal(err)
	}
	m := st.Memory()
	if m.Resident > small || returned < full.Resident-small {
		t.Errorf("returned %d of %d bytes; %+v", returned, full.Resident, m)
	}
	mustSet(t, st, numbered(st, 1), []byte("value"), 0, epoch)
	if v, _, _ := get(st, numbered(st, 1), epoch); string(v) != "value" {
		t.Errorf("after Trim: %q", v)
	}
	checkStore(t, st, st.Key, 0)
}

func TestFlushGivesTheMemoryBack(t *testing.T) {
	st := newStore(t, Options{Shards: 16})
	const keys = 20_000
	for i := range keys {
		mustSet(t, st, numbered(st, i), pattern(1, i%5000), epoch+1, epoch)
	}
	changes := st.Totals().Changes
	release := st.Whole().Flush()
	if n := st.Totals(); n.Keys != 0 || n.Expiring != 0 || n.Changes != changes+keys {
		t.Errorf("%+v", n)
	}
	if _, _, ok := get(st, numbered(st, 1), epoch); ok {
		t.Error("a key is still there")
	}
	release()
	if _, err := st.Trim(); err != nil {
		t.Fatal(err)
	}
	if m := st.Memory(); m.Allocated != 0 || m.Resident > small {
		t.Errorf("%+v", m)
	}
	st.Whole().Flush()()
	checkStore(t, st, st.Key, 0)
}

// Blocks that come back are used again: keys that come and go in values of
// changing sizes take no more memory as time goes by.
func TestMemoryIsUsedAgain(t *testing.T) {
	st := newStore(t, Options{Shards: 4})
	const keys = 5000
	churn := func(from int) {
		for i := range keys {
			k := numbered(st, (from+i)%keys)
			remove(st, k, epoch)
			mustSet(t, st, k, pattern(1, (from+i*7)%1000), 0, epoch)
		}
	}
	churn(0)
	churn(1)
	before := st.Memory()
	for round := range 20 {
		churn(round * 31)
	}
	if m := st.Memory(); m.Used > before.Used*5/4 || m.Resident > before.Resident*5/4 {
		t.Errorf("before %+v, after %+v", before, m)
	}
}

// exhaust takes all memory that blocks of the given sizes could come from and
// returns how many bytes that is.
func exhaust(t *testing.T, st *Store, sizes ...int) (taken int64) {
	t.Helper()
	for _, n := range append([]int{256 << 10, arena.MaxSmall + 1}, sizes...) {
		for {
			if _, err := st.arena.Alloc(0, n); err != nil {
				if !errors.Is(err, ErrNoMemory) {
					t.Fatal(err)
				}
				break
			}
			taken += int64(arena.Round(n))
		}
	}
	return taken
}

func TestOutOfMemoryLeavesTheKeyAsItWas(t *testing.T) {
	st := newStore(t, Options{Shards: 1, Reserve: 8 << 20})
	k, was := numbered(st, 1), pattern(1, 1000)
	mustSet(t, st, k, was, 0, epoch)
	leased := numbered(st, 2)
	mustSet(t, st, leased, was, epoch+1000, epoch)
	// With an expiry, k's entry has 8 + 8 + 12 + 1000 bytes.
	taken := exhaust(t, st, 1028)
	before := st.Totals()
	attempts := map[string]func(sh *Shard, k Key, e Entry) error{
		"Put of another size": func(sh *Shard, k Key, _ Entry) error {
			_, err := sh.Put(k, String, 5000, 0, epoch)
			return err
		},
		"Put of a huge value": func(sh *Shard, k Key, _ Entry) error {
			_, err := sh.Put(k, String, 1<<30, epoch+5, epoch)
			return err
		},
		"Put of a new key": func(sh *Shard, _ Key, _ Entry) error {
			_, err := sh.Put(numbered(st, 3), String, 5000, 0, epoch)
			return err
		},
		"Resize": func(sh *Shard, k Key, e Entry) error {
			_, err := sh.Resize(k, e, 5000)
			return err
		},
		"SetExpiry": func(sh *Shard, k Key, e Entry) error {
			if e.ExpireAt() != 0 {
				return ErrNoMemory // it has the room already
			}
			return sh.SetExpiry(k, e, epoch+5)
		},
	}
	for what, attempt := range attempts {
		for _, k := range []Key{k, leased} {
			sh := st.Lock(k)
			e, _ := sh.Peek(k, epoch)
			expireAt := e.ExpireAt()
			if err := attempt(sh, k, e); !errors.Is(err, ErrNoMemory) {
				t.Errorf("%s: got %v", what, err)
			}
			if e, ok := sh.Peek(k, epoch); !ok || !bytes.Equal(e.Value(), was) || e.ExpireAt() != expireAt {
				t.Errorf("%s changed the key", what)
			}
			sh.Unlock()
		}
	}
	if after := st.Totals(); after != before {
		t.Errorf("before %+v, after %+v", before, after)
	}
	if _, err := st.Stage(3, PinMin); !errors.Is(err, ErrNoMemory) {
		t.Errorf("Stage: got %v", err)
	}
	checkStore(t, st, st.Key, taken)
	// What needs no memory still works.
	mustSet(t, st, k, pattern(2, 1000), 0, epoch)
	sh := st.Lock(leased)
	defer sh.Unlock()
	e, _ := sh.Peek(leased, epoch)
	if err := sh.SetExpiry(leased, e, 0); err != nil {
		t.Error(err)
	}
	if !sh.Delete(leased, epoch) {
		t.Error("cannot delete")
	}
}

func TestAnIndexThatCannotGrowRefusesNewKeys(t *testing.T) {
	st := newStore(t, Options{Shards: 1, Reserve: 8 << 20})
	mustSet(t, st, numbered(st, 0), nil, 0, epoch)
	staged, err := st.Stage(12, PinMin)
	if err != nil {
		t.Fatal(err)
	}
	taken := exhaust(t, st)
	for i := 1; ; i++ {
		k := numbered(st, i)
		sh := st.Lock(k)
		err := sh.Set(k, nil, 0, epoch)
		count := sh.tab.Len()
		sh.Unlock()
		if err == nil {
			continue
		}
		if !errors.Is(err, ErrNoMemory) || !strings.Contains(err.Error(), "grow the index") {
			t.Fatalf("key %d: %v", i, err)
		}
		if _, _, ok := get(st, k, epoch); ok || count != i {
			t.Fatalf("key %d was refused: there %v, %d keys", i, ok, count)
		}
		sh.mu.Lock()
		if err := sh.PutStaged(k, staged, epoch+1, epoch); !errors.Is(err, ErrNoMemory) || sh.tab.Len() != i || sh.expiry.Keys() != 0 {
			t.Errorf("PutStaged: %v, %d keys, %d expiring", err, sh.tab.Len(), sh.expiry.Keys())
		}
		sh.mu.Unlock()
		staged.Free() // it is still the caller's
		break
	}
	checkStore(t, st, st.Key, taken)
	// Without room for a smaller index, the large one stays.
	for i := range st.Totals().Keys {
		remove(st, numbered(st, i), epoch)
	}
	checkStore(t, st, st.Key, taken)
}

func TestAWideEntryIsRewrittenInPlace(t *testing.T) {
	st := newStore(t, Options{Shards: 1})
	for _, k := range []Key{numbered(st, 1), st.Key(bytes.Repeat([]byte("k"), 256))} {
		for _, n := range []int{maxNarrowValue, maxNarrowValue + 1, maxNarrowValue - 5, 100} {
			v := pattern(uint64(n), n)
			mustSet(t, st, k, v, epoch+int64(n%2), epoch)
			if got, at, ok := get(st, k, epoch); !ok || !bytes.Equal(got, v) || at != epoch+int64(n%2) {
				t.Errorf("key of %d, value of %d bytes: there %v, equal %v, expires at %d", len(k.Bytes), n, ok, bytes.Equal(got, v), at)
			}
		}
	}
	checkStore(t, st, st.Key, 0)
}

func TestTooLongIsAnErrorOfItsOwn(t *testing.T) {
	st := newStore(t, Options{Shards: 1})
	k := numbered(st, 1)
	mustSet(t, st, k, []byte("value"), 0, epoch)
	sh := st.Lock(k)
	defer sh.Unlock()
	if _, err := sh.Put(k, String, MaxLength+1, 0, epoch); !errors.Is(err, ErrTooLong) {
		t.Errorf("Put: %v", err)
	}
	e, _ := sh.Peek(k, epoch)
	if _, err := sh.Resize(k, e, MaxLength+1); !errors.Is(err, ErrTooLong) {
		t.Errorf("Resize: %v", err)
	}
	if _, err := st.Stage(1, MaxLength+1); !errors.Is(err, ErrTooLong) {
		t.Errorf("Stage: %v", err)
	}
	if string(e.Value()) != "value" {
		t.Errorf("the value is %q", e.Value())
	}
}
