package store

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
)

// settle compacts until there is nothing to gain.
func settle(t testing.TB, st *Store, now int64) {
	t.Helper()
	for n := 0; st.compactor.run(now) && st.compactor.fruitless < now; n++ {
		if n > 1_000_000 {
			t.Fatal("compaction does not come to an end")
		}
		now += 1000
	}
}

// hashField is field i of a hash, long enough to be out of line now and then.
func hashField(hash, i int) (field, value []byte) {
	n := (hash*31+i)%50 + 1
	if i%17 == 0 {
		n += 3000
	}
	return fmt.Appendf(nil, "field:%d", i), pattern(uint64(hash<<20+i), n)
}

func TestCompactionKeepsEveryValue(t *testing.T) {
	st := newStore(t, Options{Shards: 8})
	const keys, hashes = 40_000, 60
	fields := func(i int) int { return 1 + i*i } // from packs to trees
	for i := range keys {
		mustSet(t, st, numbered(st, i), pattern(uint64(i), i*7919%3000), epoch+int64(i%2)*1_000_000, epoch)
	}
	for i := range hashes {
		k := st.Key(fmt.Appendf(nil, "hash:%d", i))
		sh := st.Lock(k)
		f, err := sh.Fields(k, epoch)
		if err != nil {
			t.Fatal(err)
		}
		for j := range fields(i) {
			field, value := hashField(i, j)
			if _, err := f.Set(field, value, int64(j%3/2)*(epoch+2_000_000)); err != nil {
				t.Fatal(err)
			}
		}
		f.Done()
		sh.Unlock()
	}
	large := numbered(st, keys)
	mustSet(t, st, large, pattern(1, 100_000), 0, epoch)
	sh := st.Lock(large)
	e, _ := sh.Get(large, epoch)
	pinned, ref, ok := sh.Pin(e)
	sh.Unlock()
	if !ok {
		t.Fatal("cannot pin")
	}
	for i := range keys {
		if i%5 != 0 {
			remove(st, numbered(st, i), epoch)
		}
	}
	before := st.Memory()
	settle(t, st, epoch)
	checkStore(t, st, st.Key, 0)
	if _, err := st.Trim(); err != nil {
		t.Fatal(err)
	}
	after := st.Memory()
	if after.Allocated != before.Allocated || after.Resident > after.Allocated*7/4 || after.Resident > before.Resident*2/3 {
		t.Errorf("before %+v, after %+v", before, after)
	}
	for i := 0; i < keys; i += 5 {
		v, at, ok := get(st, numbered(st, i), epoch)
		if want := epoch + int64(i%2)*1_000_000; !ok || !bytes.Equal(v, pattern(uint64(i), i*7919%3000)) || at != want {
			t.Fatalf("key %d: there %v, expires at %d", i, ok, at)
		}
	}
	for i := range hashes {
		k := st.Key(fmt.Appendf(nil, "hash:%d", i))
		sh := st.Lock(k)
		f, err := sh.Fields(k, epoch)
		if err != nil || f.Len() != fields(i) {
			t.Fatalf("hash %d: %d fields, %v", i, f.Len(), err)
		}
		for j := range fields(i) {
			field, value := hashField(i, j)
			got, at, ok := f.Get(field)
			if !ok || !bytes.Equal(got, value) || at != int64(j%3/2)*(epoch+2_000_000) {
				t.Fatalf("hash %d, field %d: there %v, expires at %d", i, j, ok, at)
			}
		}
		sh.Unlock()
	}
	if !bytes.Equal(pinned, pattern(1, 100_000)) {
		t.Error("a pinned value changed")
	}
	st.Unpin(ref)
}

// Values say what they are: the key's number and a version, over and over.
func stamped(i, version, n int) []byte {
	return bytes.Repeat([]byte{byte(i), byte(i >> 8), byte(version), 0xa5}, n/4+1)
}

func TestCompactionAmongReadersAndWriters(t *testing.T) {
	st := newStore(t, Options{Shards: 4})
	const keys, workers, rounds = 3000, 3, 15_000
	var done atomic.Bool
	var workersDone, compactorDone sync.WaitGroup
	for range 2 {
		compactorDone.Go(func() {
			for now := epoch; !done.Load(); now += 1000 {
				st.compactor.run(now)
			}
		})
	}
	for w := range workers {
		workersDone.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(w), 1))
			for r := range rounds {
				i := rnd.IntN(keys)
				k := numbered(st, i)
				sh := st.Lock(k)
				if e, ok := sh.Get(k, epoch); ok {
					if v := e.Value(); !bytes.Equal(v, stamped(i, int(v[2]), len(v)-4)) {
						t.Errorf("key %d holds something else", i)
					}
				}
				var err error
				if rnd.IntN(3) == 0 {
					sh.Delete(k, epoch)
				} else {
					err = sh.Set(k, stamped(i, r, 1<<(2+rnd.IntN(14))), 0, epoch)
				}
				sh.Unlock()
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	workersDone.Wait()
	done.Store(true)
	compactorDone.Wait()
	settle(t, st, epoch+int64(1e9))
	if n := st.Compaction().Freed; n == 0 {
		t.Error("nothing was compacted")
	}
	checkStore(t, st, st.Key, 0)
}

// Without memory for the new blocks, all stays where it is.
func TestCompactionWithoutMemoryMovesNothing(t *testing.T) {
	st := newStore(t, Options{Shards: 1, Reserve: 16 << 20})
	const keys = 10_000
	for i := range keys {
		mustSet(t, st, numbered(st, i), pattern(uint64(i), 1000), 0, epoch)
	}
	for i := range keys {
		if i%3 != 0 {
			remove(st, numbered(st, i), epoch)
		}
	}
	d := st.arena.StartDrain(2, 100)
	if d == nil {
		t.Fatal("nothing to empty")
	}
	taken := exhaust(t, st, 1028, 1028+8)
	sh := &st.shards[0]
	sh.mu.Lock()
	m := mover{sh: sh, drain: d, left: allowance{1 << 30, 1 << 30, 1 << 30}}
	if !m.walk(&place{}) {
		t.Error("the walk did not come to its end")
	}
	sh.mu.Unlock()
	st.arena.EndDrain(d)
	checkStore(t, st, st.Key, taken)
	for i := 0; i < keys; i += 3 {
		if v, _, ok := get(st, numbered(st, i), epoch); !ok || !bytes.Equal(v, pattern(uint64(i), 1000)) {
			t.Fatalf("key %d is gone or changed", i)
		}
	}
}
