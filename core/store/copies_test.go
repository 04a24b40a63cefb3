package store

import (
	"bytes"
	"strconv"
	"testing"

	"github.com/redistill-go/redistill/core/store/copies"
)

// Keys that were copied, or pinned because they are long, stay what they were
// when the shard is unlocked and the entries are gone.
func TestCopiesOutliveTheLock(t *testing.T) {
	st := newStore(t, Options{Shards: 4})
	const keys = 300
	want := map[string]bool{}
	for i := range keys {
		name := append([]byte(strconv.Itoa(i)), bytes.Repeat([]byte{'k'}, i*i)...) // up to 90 KB
		want[string(name)] = true
		mustSet(t, st, st.Key(name), []byte("v"), 0, epoch)
	}
	var c Copies
	pinned := false
	for cursor := uint64(0); ; {
		next, seen := st.Whole().ScanKeys(cursor, 100, epoch, &c)
		if seen < 1 || seen < 100 && c.Bytes() < copies.StepBytes {
			t.Fatalf("%d entries of 100 were seen for %d bytes", seen, c.Bytes())
		}
		pinned = pinned || c.Pinned() > 0
		names := make([][]byte, c.Len())
		for i := range names {
			name, kind := c.Key(i)
			if names[i] = bytes.Clone(name); Type(kind) != String {
				t.Errorf("%.10q is a %v", name, Type(kind))
			}
		}
		for _, name := range names {
			if !want[string(name)] {
				t.Fatalf("%.10q (%d bytes) is none of the keys, or comes twice", name, len(name))
			}
			delete(want, string(name))
			remove(st, st.Key(name), epoch)
			mustSet(t, st, st.Key(append([]byte("x"), name...)), nil, epoch-1, epoch) // takes the memory
		}
		for i := range names {
			if name, _ := c.Key(i); !bytes.Equal(name, names[i]) {
				t.Fatalf("%.10q has changed", names[i])
			}
		}
		c.Free()
		if cursor = next; cursor == 0 {
			break
		}
	}
	if len(want) > 0 || !pinned {
		t.Errorf("%d keys were not found; some were pinned: %v", len(want), pinned)
	}
}

// A step through a hash ends when it has copied much, and its values stay.
func TestFieldsAreCopiedInSteps(t *testing.T) {
	st := newStore(t, Options{Shards: 1})
	k := st.Key([]byte("hash"))
	sh := st.Lock(k)
	f, err := sh.Fields(k, epoch)
	if err != nil {
		t.Fatal(err)
	}
	const fields = 400
	value := func(i int) []byte { return bytes.Repeat([]byte{byte(i)}, i*i) } // up to 160 KB
	for i := range fields {
		if _, err := f.Set([]byte(strconv.Itoa(i)), value(i), 0); err != nil {
			t.Fatal(err)
		}
	}
	f.Done()
	sh.Unlock()
	seen, steps := map[string]bool{}, 0
	var c Copies
	for cursor := uint64(0); ; steps++ {
		sh := st.Lock(k)
		f, _ := sh.Fields(k, epoch)
		next, left := f.ScanInto(cursor, fields, true, &c)
		for i := range c.Len() {
			name, _ := c.Field(i)
			n, _ := strconv.Atoi(string(name))
			if _, err := f.Set(name, bytes.Repeat([]byte{0xff}, n*n), 0); err != nil {
				t.Fatal(err)
			}
		}
		f.Done()
		sh.Unlock()
		if left < 0 || next != 0 && left == 0 {
			t.Fatalf("%d of %d left, next %d", left, fields, next)
		}
		for i := range c.Len() {
			name, v := c.Field(i)
			n, err := strconv.Atoi(string(name))
			if err != nil || seen[string(name)] || !bytes.Equal(v, value(n)) {
				t.Fatalf("%q with %d bytes: %v", name, len(v), err)
			}
			seen[string(name)] = true
		}
		c.Free()
		if cursor = next; cursor == 0 {
			break
		}
	}
	if len(seen) != fields || steps < 3 {
		t.Errorf("%d fields in %d steps", len(seen), steps)
	}
}
