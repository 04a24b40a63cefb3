package store

import "testing"

// What only counts waits for nobody who holds a shard.
func TestCountingTakesNoLock(t *testing.T) {
	st := newStore(t, Options{Shards: 8})
	const keys = 100
	for i := range keys {
		mustSet(t, st, numbered(st, i), []byte("v"), epoch+10_000, epoch)
	}
	var set LockSet
	st.LockAll(&set)
	defer set.Unlock()
	if n := st.Totals(); n.Keys != keys || n.Expiring != keys || n.Changes != keys {
		t.Errorf("%+v", n)
	}
	n := 0
	for i := range st.shards {
		n += st.shards[i].Count()
	}
	if n != keys {
		t.Errorf("the shards have %d keys, want %d", n, keys)
	}
	if ttl := st.Whole().MeanTTL(epoch); ttl != 0 {
		t.Errorf("a mean of %d ms of entries that are all locked", ttl)
	}
}

// Only one shard is held, and another one's key is as random.
func TestRandomKeyPassesOverWhatIsHeld(t *testing.T) {
	st := newStore(t, Options{Shards: 8})
	for i := range 1000 {
		mustSet(t, st, numbered(st, i), []byte("v"), 0, epoch)
	}
	held := st.Lock(numbered(st, 0))
	defer held.Unlock()
	for range 100 {
		key, ok := st.Whole().RandomKey(nil, epoch)
		if !ok {
			t.Fatal("no random key")
		}
		if st.shardOf(st.Key(key).Hash) == held {
			t.Fatalf("%q is in the shard that is held", key)
		}
	}
}
