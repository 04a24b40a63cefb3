package hash

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/redistill-go/redistill/core/store/arena"
	"github.com/redistill-go/redistill/core/store/copies"
)

// changing is a large hash that is changed while others read what it was.
type changing struct {
	*house
	t      *testing.T
	rnd    *rand.Rand
	fields map[string]string
}

func newChanging(t *testing.T, seed uint64) *changing {
	c := &changing{house: newHouse(t, 1<<30), t: t, rnd: rand.New(rand.NewPCG(seed, 3)), fields: map[string]string{}}
	for len(c.fields) < 2500 {
		c.change(500, 0)
	}
	return c
}

// change sets and deletes fields, some of them long enough to be pinned.
func (c *changing) change(sets, deletes int) {
	f := c.open("hash", epoch)
	for range sets {
		name, n := fmt.Appendf(nil, "field:%d", c.rnd.IntN(3000)), c.rnd.IntN(200)
		switch c.rnd.IntN(60) {
		case 0:
			n = 1000 + c.rnd.IntN(3000) // out of line
		case 1:
			n = copies.PinMin + c.rnd.IntN(1000)
		}
		v := bytes.Repeat([]byte{byte(c.rnd.IntN(256))}, n)
		if _, err := f.Set(name, v, 0); err != nil {
			c.t.Fatal(err)
		}
		c.fields[string(name)] = string(v)
	}
	for range deletes {
		name := fmt.Appendf(nil, "field:%d", c.rnd.IntN(3000))
		f.Delete(name)
		delete(c.fields, string(name))
	}
	f.Done()
}

// same asserts that what was seen is what there was.
func (c *changing) same(seen, want map[string]string) {
	c.t.Helper()
	if !maps.Equal(seen, want) {
		c.t.Fatalf("%d fields were seen, not the %d that there were", len(seen), len(want))
	}
}

// A hash that is read in steps is what it was when that began, whether it is changed,
// or removed, meanwhile.
func TestAFrozenHashStaysAsItWas(t *testing.T) {
	for seed := range uint64(6) {
		c := newChanging(t, seed)
		f := c.open("hash", epoch)
		z := f.Freeze(true)
		if z == nil {
			t.Fatal("the hash is read at once")
		}
		want, seen := maps.Clone(c.fields), map[string]string{}
		var list copies.List
		for more, n := true, 0; more; n++ {
			more = z.Read(&list)
			switch {
			case n == 5 && seed%2 == 0:
				f := c.open("hash", epoch)
				c.Remove(f.At(), false)
				clear(c.fields)
			default:
				c.change(c.rnd.IntN(100), c.rnd.IntN(100))
			}
			for i := range list.Len() {
				name, v := list.Field(i)
				if _, again := seen[string(name)]; again {
					t.Fatalf("%q comes twice", name)
				}
				seen[string(name)] = string(v)
			}
			list.Free()
		}
		if z.Unchanged() {
			t.Error("nothing has changed")
		}
		z.Close()
		c.same(seen, want)
		if n := c.Readers(); n != 0 {
			t.Errorf("%d hashes are being read", n)
		}
		c.check(t, 0)
	}
}

// What a view keeps of a large hash and what it walks are together the hash as it was
// when the view began.
func TestAViewSeesAHashAsItWas(t *testing.T) {
	for seed := range uint64(6) {
		c := newChanging(t, seed)
		var counts atomic.Int64
		kept := c.Keep(&counts)
		c.Viewed, c.preserve = true, func(v Value, leaf int) {
			if err := kept.Save(v, leaf); err != nil {
				t.Fatal(err)
			}
		}
		want, seen := maps.Clone(c.fields), map[string]string{}
		visit := func(name, value []byte, ref arena.Ref, _ int64) {
			if _, again := seen[string(name)]; again {
				t.Fatalf("%q comes twice", name)
			}
			if (ref != 0) != (len(value) >= outOfLine) {
				t.Fatalf("a value of %d bytes is in block %d", len(value), ref)
			}
			seen[string(name)] = string(value)
		}
		for !kept.Done() {
			c.change(c.rnd.IntN(100), c.rnd.IntN(100))
			_, v, _ := c.Find(Place{Key: []byte("hash")}, epoch)
			kept.Walk(v, visit)
		}
		kept.Copies(visit)
		c.same(seen, want)
		if counts.Load() == 0 || c.copied.Load() == 0 {
			t.Errorf("%d bytes were copied, %d are counted", counts.Load(), c.copied.Load())
		}
		kept.Free()
		c.Viewed, c.preserve = false, nil
		if _, v, _ := c.Find(Place{Key: []byte("hash")}, epoch); c.Marked(v) {
			t.Error("the hash is still marked")
		}
		if n := c.copied.Load(); n != 0 {
			t.Errorf("%d bytes of copies are left", n)
		}
		c.check(t, 0)
	}
}
