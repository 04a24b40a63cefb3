package store

import (
	"bytes"
	"errors"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// setAll locks the keys' shards and sets the pairs.
func setAll(st *Store, pairs []Pair, now int64) error {
	keys := make([]Key, len(pairs))
	for i, p := range pairs {
		keys[i] = p.Key
	}
	var set LockSet
	st.LockKeys(&set, keys)
	defer set.Unlock()
	return st.SetAll(pairs, now)
}

func TestSetAll(t *testing.T) {
	st := newStore(t, Options{Shards: 4})
	key := func(name string) Key { return st.Key([]byte(name)) }
	mustSet(t, st, key("old"), []byte("1"), epoch+5, epoch)
	staged, err := st.Stage(len("large"), PinMin)
	if err != nil {
		t.Fatal(err)
	}
	large := bytes.Repeat([]byte("l"), PinMin)
	copy(staged.Bytes(), large)
	if err := setAll(st, []Pair{
		{Key: key("old"), Value: []byte("2")},
		{Key: key("new"), Value: []byte("3"), ExpireAt: epoch + 9},
		{Key: key("new"), Value: []byte("longer than before"), ExpireAt: epoch + 8},
		{Key: key("large"), Value: large, Staged: staged, ExpireAt: epoch + 7},
		{Key: key(""), Value: nil},
	}, epoch); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]Pair{
		"old": {Value: []byte("2")}, "new": {Value: []byte("longer than before"), ExpireAt: epoch + 8},
		"large": {Value: large, ExpireAt: epoch + 7}, "": {},
	} {
		value, at, ok := get(st, key(name), epoch)
		if !ok || !bytes.Equal(value, want.Value) || at != want.ExpireAt {
			t.Errorf("%q holds %.20q until %d, %t, want %.20q until %d", name, value, at, ok, want.Value, want.ExpireAt)
		}
	}
	if got := st.Totals(); got.Keys != 4 || got.Expiring != 2 {
		t.Errorf("%d keys, %d of which expire, want 4 and 2", got.Keys, got.Expiring)
	}
}

// When memory runs out at whatever point, every key is as it was and no byte
// is lost.
func TestSetAllOrNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		st, err := New(Options{Shards: rapid.SampledFrom([]int{1, 8}).Draw(rt, "shards"), Reserve: 4 << 20})
		if err != nil {
			rt.Fatal(err)
		}
		defer func() {
			if err := st.Close(); err != nil {
				rt.Error(err)
			}
		}()
		now := epoch
		old := bytes.Repeat([]byte("o"), rapid.IntRange(0, 300).Draw(rt, "old"))
		there := rapid.IntRange(0, 40).Draw(rt, "keys")
		for i := range there {
			mustSet(t, st, numbered(st, i), old, epoch+int64(i%3), now)
		}
		// Fill what is left, but for the last with large values, with blocks of the
		// sizes of the batch, less a few.
		for i := range 2 {
			mustSet(t, st, st.Key([]byte("large:"+strconv.Itoa(i))), make([]byte, 1<<20), 0, now)
		}
		size := rapid.SampledFrom([]int{10, 500, 5000, 40_000}).Draw(rt, "size")
		filler := 0
		for ; ; filler++ {
			k := st.Key([]byte("filler:" + strconv.Itoa(filler)))
			sh := st.Lock(k)
			err := sh.Set(k, make([]byte, size), 0, now)
			sh.Unlock()
			if err != nil {
				break
			}
		}
		for range rapid.IntRange(0, 20).Draw(rt, "free") {
			if filler--; filler >= 0 {
				remove(st, st.Key([]byte("filler:"+strconv.Itoa(filler))), now)
			}
		}
		var pairs []Pair
		for range rapid.IntRange(1, 30).Draw(rt, "pairs") {
			i := rapid.IntRange(0, 60).Draw(rt, "key")
			pairs = append(pairs, Pair{
				Key: numbered(st, i), Value: bytes.Repeat([]byte{byte(len(pairs))}, size),
				ExpireAt: rapid.SampledFrom([]int64{0, epoch + 50}).Draw(rt, "expiry"),
			})
		}
		memory, totals := st.Memory().Allocated, st.Totals()
		err = setAll(st, pairs, now)
		if err != nil {
			if !errors.Is(err, ErrNoMemory) {
				rt.Fatalf("error %v", err)
			}
			// The index may stay larger than it was: it grows before it fails.
			if m := st.Memory().Allocated; m < memory || m > memory+1<<16 {
				rt.Errorf("%d bytes allocated, %d before", m, memory)
			}
			if got := st.Totals(); got.Keys != totals.Keys || got.Expiring != totals.Expiring {
				rt.Errorf("totals %+v, before %+v", got, totals)
			}
		}
		last := map[int]Pair{}
		for i := range 61 {
			if i < there {
				last[i] = Pair{Value: old, ExpireAt: epoch + int64(i%3)}
			}
			for _, p := range pairs {
				if err == nil && bytes.Equal(p.Key.Bytes, numbered(st, i).Bytes) {
					last[i] = p
				}
			}
			value, at, ok := get(st, numbered(st, i), now)
			want, wantOK := last[i]
			if ok != wantOK || !bytes.Equal(value, want.Value) || at != want.ExpireAt {
				rt.Errorf("after %v, key %d holds %.10q until %d, %t; want %.10q until %d, %t", err, i, value, at, ok, want.Value, want.ExpireAt, wantOK)
			}
		}
	})
}
