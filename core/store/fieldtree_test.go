package store

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/store/expiry"
)

// edit opens the key's hash, runs change on it and finishes it.
func edit(t testing.TB, st *Store, k Key, now int64, change func(f *Fields)) {
	t.Helper()
	sh := st.Lock(k)
	defer sh.Unlock()
	f, err := sh.Fields(k, now)
	if err != nil {
		t.Fatal(err)
	}
	change(&f)
	f.Done()
}

// addFields sets the fields from to end-1, n bytes each.
func addFields(t testing.TB, st *Store, k Key, from, end, n int) {
	t.Helper()
	edit(t, st, k, epoch, func(f *Fields) {
		for i := from; i < end; i++ {
			if _, err := f.Set(fmt.Appendf(nil, "field:%d", i), bytes.Repeat([]byte{byte(i)}, n), 0); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func deleteFields(t testing.TB, st *Store, k Key, from, end int) {
	t.Helper()
	edit(t, st, k, epoch, func(f *Fields) {
		for i := from; i < end; i++ {
			f.Delete(fmt.Appendf(nil, "field:%d", i))
		}
	})
}

// A scan yields the fields that stay, each once, however much the hash grows
// and shrinks between its steps.
func TestScanOfFieldsIsComplete(t *testing.T) {
	const stay = 60 // so few that the directory shrinks to them
	for seed := range uint64(8) {
		st := newStore(t, Options{Shards: 1})
		k := st.Key([]byte("hash"))
		rnd := rand.New(rand.NewPCG(seed, 0))
		size := stay + rnd.IntN(20_000)
		addFields(t, st, k, 0, size, 8)
		seen := map[string]int{}
		for cursor, first := uint64(0), true; first || cursor != 0; first = false {
			edit(t, st, k, epoch, func(f *Fields) {
				cursor = f.Scan(cursor, 1+rnd.IntN(500), func(field, _ []byte, _ int64) { seen[string(field)]++ })
			})
			if next := stay + rnd.IntN(20_000)*rnd.IntN(2); rnd.IntN(4) == 0 {
				addFields(t, st, k, size, next, 8)
				deleteFields(t, st, k, next, size)
				size = next
			}
		}
		for i := range stay {
			if n := seen[fmt.Sprintf("field:%d", i)]; n != 1 {
				t.Fatalf("seed %d: field %d was seen %d times", seed, i, n)
			}
		}
		checkStore(t, st, st.Key, 0)
	}
}

// Whatever ends a large hash gives all of its memory back.
func TestLargeHashesAreGivenBack(t *testing.T) {
	for what, end := range map[string]func(st *Store, k Key){
		"deleted":     func(st *Store, k Key) { remove(st, k, epoch) },
		"overwritten": func(st *Store, k Key) { mustSet(t, st, k, []byte("value"), 0, epoch); remove(st, k, epoch) },
		"flushed":     func(st *Store, _ Key) { st.Whole().Flush()() },
		"emptied":     func(st *Store, k Key) { deleteFields(t, st, k, 0, 20_000) },
		"expired": func(st *Store, k Key) {
			sh := st.Lock(k)
			if e, ok := sh.Peek(k, epoch); !ok || sh.SetExpiry(k, e, epoch+1) != nil {
				t.Error("the hash can't expire")
			}
			sh.Unlock()
			st.Sweep(epoch+expiry.MaxWait*2, time.Hour)
		},
		"expired by field": func(st *Store, k Key) {
			edit(t, st, k, epoch, func(f *Fields) {
				for i := range 20_000 {
					if ok, err := f.SetExpiry(fmt.Appendf(nil, "field:%d", i), epoch+int64(i%100)+1); !ok || err != nil {
						t.Fatal(ok, err)
					}
				}
			})
			checkStore(t, st, st.Key, 0)
			st.Sweep(epoch+expiry.MaxWait*2, time.Hour)
			if n := st.Totals().ExpiredFields; n != 20_000 {
				t.Errorf("%d fields expired", n)
			}
		},
		"evicted": func(st *Store, _ Key) {
			st.SetPolicy(&clockPolicy{samples: 5, sampling: 1})
			st.SetMaxMemory(1)
			st.Admit(epoch, 0)
		},
	} {
		t.Run(what, func(t *testing.T) {
			st := newStore(t, Options{Shards: 1})
			k := st.Key([]byte("hash"))
			addFields(t, st, k, 0, 20_000, 30)
			addFields(t, st, k, 0, 1000, 2000) // out of line
			checkStore(t, st, st.Key, 0)
			end(st, k)
			if n := st.Totals(); n.Keys != 0 {
				t.Errorf("%d keys are left", n.Keys)
			}
			checkStore(t, st, st.Key, 0)
		})
	}
}

func TestRandomFieldIsFair(t *testing.T) {
	for _, n := range []int{10, 1000} {
		st := newStore(t, Options{Shards: 1})
		k := st.Key([]byte("hash"))
		addFields(t, st, k, 0, n, 4)
		drawn := map[string]int{}
		const each = 200
		edit(t, st, k, epoch, func(f *Fields) {
			for range n * each {
				field, _, ok := f.Random()
				if !ok {
					t.Fatal("nothing was drawn")
				}
				drawn[string(field)]++
			}
		})
		for i := range n {
			if c := drawn[fmt.Sprintf("field:%d", i)]; c < each/2 || c > each*2 {
				t.Errorf("field %d of %d was drawn %d times, expected about %d", i, n, c, each)
			}
		}
	}
}

// Nearly all fields have expired and nobody has met them yet.
func TestFieldsThatHaveExpired(t *testing.T) {
	st := newStore(t, Options{Shards: 1})
	k := st.Key([]byte("hash"))
	edit(t, st, k, epoch, func(f *Fields) {
		for i := range 5000 {
			if _, err := f.Set(fmt.Append(nil, i), []byte("v"), epoch+1); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := f.Set([]byte("stays"), []byte("v"), 0); err != nil {
			t.Fatal(err)
		}
	})
	edit(t, st, k, epoch+2, func(f *Fields) {
		if f.Len() != 5001 || f.Live() != 1 {
			t.Errorf("%d fields, %d live", f.Len(), f.Live())
		}
		if field, _, ok := f.Random(); !ok || string(field) != "stays" {
			t.Errorf("drew %q, %v", field, ok)
		}
		if created, err := f.Set([]byte("7"), []byte("w"), KeepExpiry); !created || err != nil {
			t.Errorf("a field that has expired was there: %v, %v", created, err)
		}
		if v, at, ok := f.Get([]byte("7")); !ok || string(v) != "w" || at != 0 {
			t.Errorf("field 7 is %q until %d, %v", v, at, ok)
		}
	})
}

// A pinned value keeps its bytes whatever happens to the hash.
func TestPinnedFields(t *testing.T) {
	st := newStore(t, Options{Shards: 1})
	k := st.Key([]byte("hash"))
	value := bytes.Repeat([]byte("v"), PinMin)
	var pinned []byte
	var ref uint64
	edit(t, st, k, epoch, func(f *Fields) {
		for _, name := range []string{"long", "other"} {
			if _, err := f.Set([]byte(name), value, 0); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := f.Set([]byte("short"), value[1:], 0); err != nil {
			t.Fatal(err)
		}
		if _, _, ok := f.Pin([]byte("short")); ok {
			t.Error("a short value was pinned")
		}
		if _, _, ok := f.Pin([]byte("none")); ok {
			t.Error("a value that isn't there was pinned")
		}
		var ok bool
		if pinned, ref, ok = f.Pin([]byte("long")); !ok {
			t.Fatal("a long value was not pinned")
		}
		if _, err := f.Set([]byte("long"), bytes.Repeat([]byte("w"), PinMin), 0); err != nil {
			t.Fatal(err)
		}
	})
	remove(st, k, epoch)
	addFields(t, st, k, 0, 10, PinMin)
	if !bytes.Equal(pinned, value) {
		t.Error("a pinned value changed")
	}
	st.Unpin(ref)
	remove(st, k, epoch)
	checkStore(t, st, st.Key, 0)
}

// Readers and writers of the same hashes, the sweep and eviction all at once:
// every value belongs to its field, and what is set together is seen together.
func TestFieldsUnderStress(t *testing.T) {
	st := newStore(t, Options{Shards: 4, Policy: &clockPolicy{samples: 5, sampling: 3}})
	keys := make([]Key, 6)
	for i := range keys {
		keys[i] = numbered(st, i)
	}
	var writers, readers sync.WaitGroup
	done := make(chan struct{})
	for w := range 4 {
		writers.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(w), 7))
			for i := range 3000 {
				k := keys[rnd.IntN(len(keys))]
				sh := st.Lock(k)
				f, err := sh.Fields(k, epoch)
				if err != nil {
					t.Error(err)
				}
				f.Begin()
				// All fields of a group have the same value.
				group, value := rnd.IntN(200), bytes.Repeat([]byte{byte(i)}, rnd.IntN(1500))
				for j := range 3 {
					if _, err := f.Set(fmt.Appendf(nil, "%d:%d", group, j), value, int64(rnd.IntN(2))*(epoch+5)); err != nil {
						t.Error(err)
					}
					if j == 1 && rnd.IntN(5) == 0 {
						f.Undo()
						break
					}
				}
				f.Done()
				if rnd.IntN(300) == 0 {
					sh.Delete(k, epoch)
				}
				sh.Unlock()
			}
		})
	}
	for r := range 2 {
		readers.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(r), 8))
			for {
				select {
				case <-done:
					return
				default:
				}
				if rnd.IntN(50) == 0 {
					st.Sweep(epoch, time.Millisecond) // nothing has expired
				}
				k, group := keys[rnd.IntN(len(keys))], rnd.IntN(200)
				sh := st.Lock(k)
				f, err := sh.Fields(k, epoch)
				if err != nil {
					t.Error(err)
				}
				first, _, ok := f.Get(fmt.Appendf(nil, "%d:0", group))
				for j := range 3 {
					v, _, there := f.Get(fmt.Appendf(nil, "%d:%d", group, j))
					if there != ok || !bytes.Equal(v, first) {
						t.Errorf("group %d is torn: %d bytes and %d, %v and %v", group, len(first), len(v), ok, there)
					}
				}
				sh.Unlock()
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
	checkStore(t, st, st.Key, 0)
	st.Sweep(epoch+expiry.MaxWait*2, time.Hour)
	checkStore(t, st, st.Key, 0)
}
