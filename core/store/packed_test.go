package store

import (
	"bytes"
	"fmt"
	"math"
	"testing"
)

// A hash is a pack as long as it keeps to what SetPacked allows, however it
// comes to what it holds, and a tree of the same fields from then on.
func TestSetPacked(t *testing.T) {
	const none = math.MaxInt64
	long := bytes.Repeat([]byte("l"), 65)
	for _, x := range []struct {
		fields, length int64
		n              int    // fields
		last           []byte // value of the last of them
		tree           bool
	}{
		{MostPacked, none, MostPacked, nil, false},
		{MostPacked, none, MostPacked + 1, nil, true},
		{1 << 40, none, MostPacked, nil, false},
		{1 << 40, none, MostPacked + 1, nil, true},
		{3, none, 3, long, false},
		{3, none, 4, nil, true},
		{1, none, 2, nil, true},
		{0, none, 1, nil, true},
		{3, 64, 3, long[:64], false},
		{3, 64, 3, long, true},
		{3, 65, 3, long, false},
		{3, 0, 1, nil, true}, // the names of the fields count as well
	} {
		for _, way := range []string{"at once", "one by one", "in a transaction"} {
			st := newStore(t, Options{Shards: 1})
			st.SetPacked(x.fields, x.length)
			k := numbered(st, 1)
			sh := st.Lock(k)
			f, err := sh.Fields(k, epoch)
			if err != nil {
				t.Fatal(err)
			}
			var pairs [][]byte
			for i := range x.n {
				value := []byte("v")
				if i == x.n-1 && x.last != nil {
					value = x.last
				}
				pairs = append(pairs, []byte(fmt.Sprintf("f%d", i)), value)
			}
			step := len(pairs)
			if way == "one by one" {
				step = 2
			}
			if way == "in a transaction" {
				f.Begin()
			}
			for i := 0; i < len(pairs); i += step {
				if _, err := f.SetAll(pairs[i:i+step], 0); err != nil {
					t.Fatal(err)
				}
			}
			f.Done()
			e, ok := sh.Peek(k, epoch)
			if !ok || e.Large() != x.tree || f.Len() != x.n {
				t.Errorf("%+v, set %s: found %t, a tree: %t, %d fields", x, way, ok, e.Large(), f.Len())
			}
			checkHash(t, sh, e)
			for i := 0; i < len(pairs); i += 2 {
				if v, _, ok := f.Get(pairs[i]); !ok || !bytes.Equal(v, pairs[i+1]) {
					t.Errorf("%+v, set %s: field %s is %.80q, %t", x, way, pairs[i], v, ok)
				}
			}
			sh.Unlock()
		}
	}
}

// What is packed already stays so until it is written to.
func TestSetPackedLater(t *testing.T) {
	st := newStore(t, Options{Shards: 1})
	k := numbered(st, 1)
	sh := st.Lock(k)
	defer sh.Unlock()
	f, err := sh.Fields(k, epoch)
	if err != nil {
		t.Fatal(err)
	}
	set := func(field string) bool {
		t.Helper()
		if _, err := f.Set([]byte(field), []byte("v"), 0); err != nil {
			t.Fatal(err)
		}
		e, _ := sh.Peek(k, epoch)
		checkHash(t, sh, e)
		return e.Large()
	}
	if set("a") || set("b") {
		t.Error("two fields are a tree")
	}
	st.SetPacked(1, math.MaxInt64)
	if e, _ := sh.Peek(k, epoch); e.Large() {
		t.Error("it became a tree at once")
	}
	if !set("b") {
		t.Error("a write leaves it a pack")
	}
	st.SetPacked(MostPacked, math.MaxInt64)
	if !set("c") {
		t.Error("a tree became a pack")
	}
}
