package store

import (
	"bytes"
	"strconv"
	"testing"
)

// A large hash goes from key to key with all that belongs to it.
func TestMoveHash(t *testing.T) {
	st := newStore(t, Options{Shards: 8})
	names := make([]Key, 40)
	for i := range names {
		names[i] = numbered(st, i)
	}
	const fields = 2000
	value := func(i int) []byte { return bytes.Repeat([]byte{byte(i)}, i%40*60) } // some out of line
	sh := st.Lock(names[0])
	f, err := sh.Fields(names[0], epoch)
	if err != nil {
		t.Fatal(err)
	}
	for i := range fields {
		at := int64(0)
		if i%3 == 0 {
			at = epoch + 1000
		}
		if _, err := f.Set([]byte(strconv.Itoa(i)), value(i), at); err != nil {
			t.Fatal(err)
		}
	}
	f.Done()
	sh.Unlock()
	mustSet(t, st, names[5], []byte("is replaced"), epoch+5, epoch)
	var set LockSet
	at, moved, crossed, expiry := 0, 0, 0, int64(0)
	for i := 1; i < len(names); i++ {
		st.LockKeys(&set, []Key{names[at], names[i]})
		from, to := st.Locked(names[at]), st.Locked(names[i])
		e, ok := from.Peek(names[at], epoch)
		if !ok {
			t.Fatalf("key %d has no hash", at)
		}
		ok, err := to.MoveHash(from, e, names[i], epoch)
		if want := from.group == to.group; err != nil || ok != want {
			t.Fatalf("moved: %v, %v", ok, err)
		}
		_, left := from.Peek(names[at], epoch)
		if left == ok {
			t.Errorf("moved %v, and key %d is there: %v", ok, at, left)
		}
		set.Unlock()
		checkStore(t, st, st.Key, 0)
		if !ok {
			continue
		}
		moved++
		if from != to {
			crossed++
		}
		at = i
		if i%7 == 0 { // an expiry of the key goes with it
			sh := st.Lock(names[at])
			e, _ := sh.Peek(names[at], epoch)
			if err := sh.SetExpiry(names[at], e, epoch+5000); err != nil {
				t.Fatal(err)
			}
			sh.Unlock()
			expiry = epoch + 5000
		}
	}
	if moved < 10 || crossed < 5 {
		t.Fatalf("moved %d times, %d times between shards", moved, crossed)
	}
	sh = st.Lock(names[at])
	f, err = sh.Fields(names[at], epoch)
	if err != nil || f.Len() != fields || (hashHome{sh}).entry(f.At()).ExpireAt() != expiry {
		t.Fatalf("%d fields until %d, %v", f.Len(), (hashHome{sh}).entry(f.At()).ExpireAt(), err)
	}
	for i := range fields {
		if v, _, ok := f.Get([]byte(strconv.Itoa(i))); !ok || !bytes.Equal(v, value(i)) {
			t.Fatalf("field %d is there: %v", i, ok)
		}
	}
	sh.Unlock()
	for st.compactor.run(epoch) {
	}
	checkStore(t, st, st.Key, 0)
	remove(st, names[at], epoch)
	checkStore(t, st, st.Key, 0)
}
