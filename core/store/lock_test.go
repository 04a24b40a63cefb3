package store

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"testing"
)

// Goroutines move amounts between keys that they lock in no particular order,
// while others add up all keys: no circle of waiting, and no sum but the first.
func TestLockedKeysChangeAtOneMoment(t *testing.T) {
	for _, shards := range []int{1, 4, 64} {
		st := newStore(t, Options{Shards: shards})
		const accounts, amount = 40, 1000
		all := make([]Key, accounts)
		for i := range all {
			all[i] = numbered(st, i)
			mustSet(t, st, all[i], binary.LittleEndian.AppendUint64(nil, amount), 0, epoch)
		}
		balance := func(k Key) []byte {
			e, ok := st.Locked(k).Get(k, epoch)
			if !ok || e.Len() != 8 {
				t.Errorf("key %q is gone", k.Bytes)
				return make([]byte, 8)
			}
			return e.Value()
		}
		var wg sync.WaitGroup
		for w := range 4 {
			wg.Go(func() {
				rnd := rand.New(rand.NewPCG(uint64(w), 7))
				var set LockSet
				for range 3000 {
					keys := make([]Key, 2+rnd.IntN(6))
					for i := range keys {
						keys[i] = all[rnd.IntN(accounts)]
					}
					st.LockKeys(&set, keys)
					for i := range keys[1:] {
						from, to := balance(keys[i]), balance(keys[i+1])
						n := binary.LittleEndian.Uint64(from)
						binary.LittleEndian.PutUint64(from, n-1)
						binary.LittleEndian.PutUint64(to, binary.LittleEndian.Uint64(to)+1)
					}
					set.Unlock()
				}
			})
		}
		wg.Go(func() {
			var set LockSet
			for range 500 {
				st.LockKeys(&set, all)
				sum := uint64(0)
				for _, k := range all {
					sum += binary.LittleEndian.Uint64(balance(k))
				}
				set.Unlock()
				if sum != accounts*amount {
					t.Errorf("%d shards: the sum is %d, want %d", shards, sum, accounts*amount)
					return
				}
			}
		})
		wg.Go(func() { // one-key commands and everything that takes all locks
			for i := range 500 {
				get(st, all[i%accounts], epoch)
				st.SetPolicy(nil)
				st.Totals()
			}
		})
		wg.Wait()
		checkStore(t, st, st.Key, 0)
	}
}

func TestLockSetIsUsedAgain(t *testing.T) {
	st := newStore(t, Options{Shards: 4})
	var set LockSet
	set.Unlock() // of nothing
	st.LockKeys(&set, nil)
	set.Unlock()
	for n := range 50 {
		keys := make([]Key, n)
		for i := range keys {
			keys[i] = numbered(st, i/2)
		}
		st.LockKeys(&set, keys)
		for _, k := range keys {
			if st.Locked(k).mu.TryLock() {
				t.Fatal("a key's shard is not locked")
			}
		}
		set.Unlock()
		for i := range st.shards {
			if !st.shards[i].mu.TryLock() {
				t.Fatalf("shard %d is still locked", i)
			}
			st.shards[i].mu.Unlock()
		}
	}
}
