package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/snapshot"
)

// selfChecking is a value that tells whether it is whole.
func selfChecking(n int, seed uint64) []byte {
	b := pattern(seed, n)
	binary.LittleEndian.PutUint32(b, crc32.ChecksumIEEE(b[4:]))
	return b
}

func whole(b []byte) bool { return binary.LittleEndian.Uint32(b) == crc32.ChecksumIEEE(b[4:]) }

// Pairs of keys are always written together, in strings and in hashes, while
// view after view is walked: a view has whole values, and of a pair the same.
func TestViewsUnderWriters(t *testing.T) {
	const pairs, views = 60, 15
	st := newStore(t, Options{Shards: 16})
	var stop atomic.Bool
	var wg sync.WaitGroup
	for w := range 3 {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(w), 7))
			var set LockSet
			for n := uint64(0); !stop.Load(); n++ {
				writePair(t, st, &set, rnd.IntN(pairs), n<<8|uint64(w), rnd)
			}
		})
	}
	for range views {
		if err := checkView(st); err != nil {
			t.Error(err)
			break
		}
	}
	stop.Store(true)
	wg.Wait()
	checkUnviewed(t, st)
}

// writePair writes both keys of a pair, or removes them.
func writePair(t *testing.T, st *Store, set *LockSet, i int, seed uint64, rnd *rand.Rand) {
	keys := []Key{st.Key(fmt.Appendf(nil, "a%d", i)), st.Key(fmt.Appendf(nil, "b%d", i))}
	size := []int{20, 200, 1500, 40_000}[i%4]
	if rnd.IntN(5) > 0 {
		size = size/2 + 8 + rnd.IntN(size)
	}
	remove := rnd.IntN(8) == 0
	fields := []int{5, 30, 300}[i%3]
	value := selfChecking(size, seed)
	st.LockKeys(set, keys)
	defer set.Unlock()
	for _, k := range keys {
		sh := st.Locked(k)
		switch {
		case remove:
			sh.Delete(k, epoch)
		case i%2 == 0:
			if err := sh.Set(k, value, 0, epoch); err != nil {
				t.Error(err)
			}
		default:
			f, err := sh.Fields(k, epoch)
			if err != nil {
				t.Error(err)
				return
			}
			for j := range uint64(4) {
				name := binary.LittleEndian.AppendUint64(nil, ((seed+j)*2654435761+1)%uint64(fields))
				if _, err := f.Set(name, selfChecking(min(size, 1500), seed+j), 0); err != nil {
					t.Error(err)
				}
			}
			f.Done()
		}
	}
}

func checkView(st *Store) error {
	v, err := st.view(true, func() time.Time { return time.UnixMilli(epoch) })
	if err != nil {
		return err
	}
	defer v.Close(true)
	var mu sync.Mutex
	seen := map[string]string{}
	err = v.Walk(context.Background(), 2, func(_ int, r snapshot.Record) error {
		if r.Fields == nil && !whole(r.Value) {
			return fmt.Errorf("key %q: a torn value", r.Key)
		}
		for _, f := range r.Fields {
			if !whole(f.Value) {
				return fmt.Errorf("key %q: a torn field", r.Key)
			}
		}
		s := stateOf(r, 0)
		mu.Lock()
		defer mu.Unlock()
		seen[string(r.Key)] = s
		return nil
	})
	if err != nil {
		return err
	}
	for k, a := range seen {
		twin := "a" + k[1:]
		if k[0] == 'a' {
			twin = "b" + k[1:]
		}
		if b, ok := seen[twin]; !ok || a != b {
			return fmt.Errorf("%s and %s differ", k, twin)
		}
	}
	return nil
}
