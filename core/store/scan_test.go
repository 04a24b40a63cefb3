package store

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/redistill-go/redistill/core/store/index"
)

func TestScanIsCompleteWhileTheStoreGrowsAndShrinks(t *testing.T) {
	for _, shards := range []int{1, 2, 64} {
		st := newStore(t, Options{Shards: shards})
		const fixed = 1000
		for i := range fixed {
			mustSet(t, st, numbered(st, i), []byte("fixed"), 0, epoch)
		}
		stop := make(chan struct{})
		var wg sync.WaitGroup
		var waves atomic.Int64
		for w := range 2 {
			wg.Go(func() { churn(t, st, w+1, stop, &waves) })
		}
		for _, count := range []int{1, 7, 100, 1000} {
			for enough := waves.Load() + 8; waves.Load() < enough && !t.Failed(); {
				scanFixed(t, st, fixed, count, func() {})
			}
		}
		close(stop)
		wg.Wait()
		checkStore(t, st, st.Key, 0)
	}
}

// Here the indexes change at every step of the scan, and only there.
func TestScanIsCompleteWhenEveryStepGrowsOrShrinks(t *testing.T) {
	for _, shards := range []int{1, 64} {
		st := newStore(t, Options{Shards: shards})
		const fixed, others = 100, 1500
		for i := range fixed {
			mustSet(t, st, numbered(st, i), []byte("fixed"), 0, epoch)
		}
		sizes, step := map[int]bool{}, 0
		scanFixed(t, st, fixed, 1, func() {
			step++
			for i := range others {
				if k := numbered(st, fixed+i); step%2 == 1 {
					mustSet(t, st, k, nil, 0, epoch)
				} else {
					remove(st, k, epoch)
				}
			}
			slots := 0
			for i := range st.shards {
				slots += len(st.shards[i].tab.Load().Slots)
			}
			sizes[slots] = true
		})
		if len(sizes) < 2 {
			t.Errorf("%d shards: no index changed", shards)
		}
	}
}

// churn inserts and deletes keys in waves of up to five times as many keys as
// are fixed, so that the indexes grow and shrink.
func churn(t *testing.T, st *Store, from int, stop chan struct{}, waves *atomic.Int64) {
	rnd := rand.New(rand.NewPCG(uint64(from), 3))
	for ; ; waves.Add(1) {
		n := 1 + rnd.IntN(5_000)
		for _, insert := range []bool{true, false} {
			for i := range n {
				select {
				case <-stop:
					return
				default:
				}
				k := numbered(st, 1_000_000*from+i)
				sh := st.Lock(k)
				if !insert {
					sh.Delete(k, epoch)
				} else if err := sh.Set(k, []byte("churn"), 0, epoch); err != nil {
					t.Error(err)
				}
				sh.Unlock()
			}
		}
	}
}

// scanFixed scans the store, with a call of between after each step, and
// asserts that it meets each of the fixed keys once.
func scanFixed(t *testing.T, st *Store, fixed, count int, between func()) {
	t.Helper()
	seen := map[string]int{}
	for cursor := uint64(0); ; {
		cursor = st.Whole().Scan(cursor, count, epoch, func(e Entry) {
			if string(e.Value()) == "fixed" {
				seen[string(e.Key())]++
			}
		})
		if cursor == 0 {
			break
		}
		between()
	}
	for i := range fixed {
		if k := numbered(st, i); seen[string(k.Bytes)] != 1 {
			t.Fatalf("%d shards, count %d: key %d seen %d times", st.Shards(), count, i, seen[string(k.Bytes)])
		}
	}
}

func TestScanLooksAtAboutCountEntries(t *testing.T) {
	st := newStore(t, Options{Shards: 4})
	for i := range 10_000 {
		mustSet(t, st, numbered(st, i), nil, 0, epoch)
	}
	for _, count := range []int{1, 10, 3000} {
		for cursor, calls := uint64(0), 0; ; calls++ {
			n := 0
			cursor = st.Whole().Scan(cursor, count, epoch, func(Entry) { n++ })
			if cursor == 0 {
				break
			}
			// Keys with the same fragment come together.
			if n < count || n > count+4 {
				t.Fatalf("count %d: visited %d", count, n)
			}
			if calls > 10_000 {
				t.Fatal("the scan doesn't end")
			}
		}
	}
}

func TestScanSkipsExpiredEntries(t *testing.T) {
	st := newStore(t, Options{Shards: 2})
	mustSet(t, st, numbered(st, 1), nil, epoch+5, epoch)
	mustSet(t, st, numbered(st, 2), nil, 0, epoch)
	for now, want := range map[int64]int{epoch + 5: 2, epoch + 6: 1} {
		n := 0
		st.Whole().Scan(0, 10, now, func(Entry) { n++ })
		if n != want {
			t.Errorf("at %d: visited %d, want %d", now-epoch, n, want)
		}
	}
}

func TestAnyCursorIsHarmless(t *testing.T) {
	for _, shards := range []int{1, 64} {
		st := newStore(t, Options{Shards: shards})
		cursors := []uint64{1, fragMax, fragMax + 1, uint64(shards)<<index.FragBits - 1, uint64(shards) << index.FragBits, 1 << 40, 1 << 63, 1<<64 - 1}
		rnd := rand.New(rand.NewPCG(1, 2))
		for range 1000 {
			cursors = append(cursors, rnd.Uint64()>>rnd.IntN(64))
		}
		for _, keys := range []int{0, 1, 5000} {
			for i := range keys {
				mustSet(t, st, numbered(st, i), nil, 0, epoch)
			}
			for _, c := range cursors {
				n := 0
				next := st.Whole().Scan(c, 10, epoch, func(Entry) { n++ })
				if n > keys || next != 0 && next <= c {
					t.Fatalf("%d shards, %d keys: cursor %d leads to %d after %d entries", shards, keys, c, next, n)
				}
			}
		}
		checkStore(t, st, st.Key, 0)
	}
}

const fragMax = 1<<index.FragBits - 1

func TestRandomKeyDrawsAllKeysAlike(t *testing.T) {
	st := newStore(t, Options{Shards: 4})
	const keys, draws = 50, 50_000
	for i := range keys {
		mustSet(t, st, numbered(st, i), nil, 0, epoch)
		mustSet(t, st, numbered(st, keys+i), nil, epoch+1, epoch)
	}
	drawn := map[string]int{}
	for range draws {
		key, ok := st.Whole().RandomKey(nil, epoch+2)
		if !ok {
			t.Fatal("no key")
		}
		drawn[string(key)]++
	}
	for i := range keys {
		// 1000 expected, with a standard deviation of about 31.
		if n := drawn[string(numbered(st, i).Bytes)]; n < 800 || n > 1200 {
			t.Errorf("key %d drawn %d times of %d", i, n, draws)
		}
	}
	if len(drawn) != keys {
		t.Errorf("%d keys drawn", len(drawn))
	}
}
