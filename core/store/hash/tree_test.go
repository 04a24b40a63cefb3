package hash

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
)

// fill sets the fields from to end-1 of a hash, n bytes each.
func fill(t testing.TB, h *house, key string, from, end, n int) {
	t.Helper()
	f := h.open(key, epoch)
	for i := from; i < end; i++ {
		if _, err := f.Set(fmt.Appendf(nil, "field:%d", i), bytes.Repeat([]byte{byte(i)}, n), 0); err != nil {
			t.Fatal(err)
		}
	}
	f.Done()
}

// Leaves are visited from any place of the directory on, also from the middle
// of those that one leaf has.
func TestLeavesFromAnyPlace(t *testing.T) {
	h := newHouse(t, 1<<30)
	fill(t, h, "hash", 0, 20_000, 8)
	f := h.open("hash", epoch)
	tr := f.tree()
	dir := tr.dir()
	for i := range dir {
		want := slices.Compact(slices.Clone(dir[i:]))
		var got []uint64
		tr.leaves(i, func(_ int, l leaf) bool {
			got = append(got, uint64(l.ref))
			return true
		})
		if !slices.Equal(got, want) {
			t.Fatalf("from place %d of %d: %d leaves, want %d", i, len(dir), len(got), len(want))
		}
	}
}

// A hash that is removed gives all of its memory back, and so does one that becomes
// small again.
func TestMemoryComesBack(t *testing.T) {
	h := newHouse(t, 1<<30)
	for what, end := range map[string]func(){
		"removed": func() { h.Remove(h.open("hash", epoch).at, false) },
		"emptied": func() {
			f := h.open("hash", epoch)
			for i := range 20_000 {
				f.Delete(fmt.Appendf(nil, "field:%d", i))
			}
			f.Done()
		},
		"expired": func() {
			f := h.open("hash", epoch)
			for i := range 20_000 {
				if ok, err := f.SetExpiry(fmt.Appendf(nil, "field:%d", i), epoch+1); !ok || err != nil {
					t.Fatal(ok, err)
				}
			}
			f.Done()
			before := h.Expired.Int()
			for more := true; more; {
				f := h.open("hash", epoch+2)
				more = f.Expire()
				f.Done()
			}
			if n := h.Expired.Int() - before; n != 20_000 {
				t.Errorf("%d fields expired", n)
			}
		},
	} {
		t.Run(what, func(t *testing.T) {
			fill(t, h, "hash", 0, 20_000, 30)
			fill(t, h, "hash", 0, 1000, 2000) // out of line
			h.check(t, 0)
			end()
			h.check(t, 0)
			if len(h.values) != 0 || h.Outside() != 0 {
				t.Errorf("%d keys and %d blocks are left", len(h.values), h.Outside())
			}
		})
	}
}
