package store

import (
	"sync"
	"sync/atomic"
	"testing"
)

// Whoever has locked all shards sees one moment of the store, and needs no
// other lock for it.
func TestWholeStoreWithAllLocksHeld(t *testing.T) {
	st := newStore(t, Options{Shards: 8})
	st.SetListener(&counting{})
	const keys = 300
	for i := range keys {
		mustSet(t, st, numbered(st, i), []byte("v"), 0, epoch)
	}
	// Writers replace one key by another all the time.
	var stop atomic.Bool
	var wg sync.WaitGroup
	for w := range 2 {
		wg.Go(func() {
			for i := 0; !stop.Load(); i++ {
				var set LockSet
				from, to := numbered(st, w*keys/2+i%(keys/2)), numbered(st, 1000+w)
				st.LockKeys(&set, []Key{from, to})
				set.Locked(from).Delete(from, epoch)
				if err := set.Locked(to).Set(to, []byte("v"), 0, epoch); err != nil {
					t.Error(err)
				}
				set.Locked(to).Delete(to, epoch)
				if err := set.Locked(from).Set(from, []byte("v"), 0, epoch); err != nil {
					t.Error(err)
				}
				set.Unlock()
			}
		})
	}
	var set LockSet
	for range 200 {
		st.LockAll(&set)
		whole := set.Whole()
		seen := 0
		for cursor := uint64(0); ; {
			if cursor = whole.Scan(cursor, 10, epoch, func(Entry) { seen++ }); cursor == 0 {
				break
			}
		}
		if n := st.Totals().Keys; n != keys || seen != keys {
			t.Errorf("Totals says %d keys and Scan %d, want %d", n, seen, keys)
		}
		if _, ok := whole.RandomKey(nil, epoch); !ok {
			t.Error("no random key")
		}
		set.Unlock()
	}
	stop.Store(true)
	wg.Wait()
	st.LockAll(&set)
	release := set.Whole().Flush()
	if n := st.Totals().Keys; n != 0 {
		t.Errorf("%d keys after Flush", n)
	}
	set.Unlock()
	st.Background(release)
	st.releases.Wait()
	if n := st.Memory().Allocated; n != 0 {
		t.Errorf("%d bytes after Flush", n)
	}
}

// counting is a listener that counts.
type counting struct{ n atomic.Int64 }

func (c *counting) KeyChanged(int, []byte, Change) { c.n.Add(1) }
func (c *counting) AllFlushed()                    { c.n.Add(1) }

func TestCloseWaitsForReleases(t *testing.T) {
	st, err := New(Options{Shards: 8, Reserve: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10_000 {
		mustSet(t, st, numbered(st, i), []byte("v"), 0, epoch)
	}
	var done atomic.Bool
	release := st.Whole().Flush()
	st.Background(func() { release(); done.Store(true) })
	if err := st.Close(); err != nil || !done.Load() {
		t.Errorf("Close: %v, released %v", err, done.Load())
	}
}

func TestLockSetHolds(t *testing.T) {
	st := newStore(t, Options{Shards: 64})
	var set LockSet
	a := numbered(st, 1)
	b := a
	for i := 2; st.shardOf(b.Hash) == st.shardOf(a.Hash); i++ {
		b = numbered(st, i)
	}
	for _, c := range []struct {
		lock             func()
		holdsA, holdsAll bool
	}{
		{func() { st.LockKeys(&set, []Key{a, a}) }, true, false},
		{func() { st.LockKeys(&set, nil) }, false, false},
		{func() { st.LockAll(&set) }, true, true},
	} {
		c.lock()
		if set.Holds(a) != c.holdsA || set.Holds(b) != c.holdsAll || set.all != c.holdsAll {
			t.Errorf("holds a %v, b %v, all %v; want a %v, all %v", set.Holds(a), set.Holds(b), set.all, c.holdsA, c.holdsAll)
		}
		set.Unlock()
		if set.Holds(a) || set.all {
			t.Error("holds a shard after Unlock")
		}
	}
}
