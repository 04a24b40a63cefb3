package store

import (
	"bytes"
	"testing"
)

// Fields take the blocks that were laid out for their values, and what none took is
// given back; the store counts each byte once.
func TestFieldsTakeWhatWasLaidOut(t *testing.T) {
	st := newStore(t, Options{Shards: 4, Reserve: 64 << 20})
	k := st.Key([]byte("h"))
	value := func(b byte, n int) []byte { return bytes.Repeat([]byte{b}, n) }
	args := [][]byte{
		[]byte("a"), value('a', PinMin), []byte("b"), value('b', 10), []byte("c"), value('c', 3*PinMin),
		[]byte("a"), value('A', 2*PinMin), []byte("none"), value('n', PinMin),
	}
	before := st.Lent()
	l := st.LayOut(args)
	if n := st.Lent() - before; n < 7*PinMin {
		t.Errorf("%d bytes were laid out, want %d", n, 7*PinMin)
	}
	sh := st.Lock(k)
	f, err := sh.Fields(k, 1)
	if err != nil {
		t.Fatal(err)
	}
	f.Use(l)
	if _, err := f.SetAll(args[:8], 0); err != nil {
		t.Fatal(err)
	}
	f.Done()
	sh.Unlock()
	if n := st.Lent() - before; n < PinMin || n >= 2*PinMin {
		t.Errorf("%d bytes are still laid out, want %d", n, PinMin)
	}
	if st.GiveBack(l); st.Lent() != before {
		t.Errorf("%d bytes are laid out in the end", st.Lent()-before)
	}
	sh = st.Lock(k)
	f, _ = sh.Fields(k, 1)
	for name, want := range map[string][]byte{"a": args[7], "b": args[3], "c": args[5]} {
		if got, _, ok := f.Get([]byte(name)); !ok || !bytes.Equal(got, want) {
			t.Errorf("%s has %d bytes, %v", name, len(got), ok)
		}
	}
	sh.Unlock()
	checkStore(t, st, func(key []byte) Key { return st.Key(key) }, 0)
}
