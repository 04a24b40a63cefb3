package store

import (
	"errors"
	"testing"
)

// A write that memory has no room for leaves a large hash whole, also while a
// snapshot has still to be at it: it does not go to the snapshot.
func TestARefusedWriteLeavesAHashToItsKey(t *testing.T) {
	st := newStore(t, Options{Shards: 1, Reserve: 64 << 20})
	k := numbered(st, 1)
	mustReplace(t, st, k, 500, 0)
	v, err := st.View()
	if err != nil {
		t.Fatal(err)
	}
	sh := st.Lock(k)
	if _, err := sh.Put(k, String, 1<<30, 0, epoch); !errors.Is(err, ErrNoMemory) {
		t.Errorf("Put: %v", err)
	}
	sh.Unlock()
	v.Close(false)
	if got := shown(st, k); got != "hash of 500 until 0" {
		t.Errorf("the key holds %s", got)
	}
	checkStore(t, st, st.Key, 0)
}
