package copies

import (
	"bytes"
	"testing"

	"github.com/redistill-go/redistill/core/store/arena"
)

func newArena(t *testing.T) *arena.Arena {
	t.Helper()
	a, err := arena.New(1, 1<<26, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// What is short is copied and what is long is pinned: neither changes when its block is
// given back and written over.
func TestItemsOutliveTheirBlocks(t *testing.T) {
	a := newArena(t)
	var c List
	for _, n := range []int{0, 1, PinMin - 1, PinMin, 3 * PinMin} {
		ref, err := a.Alloc(0, max(n, 1))
		if err != nil {
			t.Fatal(err)
		}
		want := bytes.Repeat([]byte{'v'}, n)
		copy(a.Bytes(ref, n), want)
		c.AddField(a, []byte("name"), a.Bytes(ref, n), ref, 7)
		if pinned := c.Pinned() == 1; pinned != (n >= PinMin) {
			t.Errorf("%d bytes are pinned: %v", n, pinned)
		}
		a.Free(0, ref, max(n, 1))
		if other, err := a.Alloc(0, max(n, 1)); err == nil {
			clear(a.Bytes(other, n))
			a.Free(0, other, max(n, 1))
		}
		if name, v := c.Field(0); string(name) != "name" || !bytes.Equal(v, want) || c.FieldExpiry(0) != 7 {
			t.Errorf("%d bytes have changed", n)
		}
		c.Free()
		if c.Len() != 0 || a.Allocated() != 0 {
			t.Errorf("%d items and %d bytes are left", c.Len(), a.Allocated())
		}
	}
}

// A list is full after so many bytes, its own and those that came from another.
func TestAListIsFull(t *testing.T) {
	a := newArena(t)
	var c, other List
	for n := 0; !c.Full(); n += 1000 {
		if n >= StepBytes {
			t.Fatalf("it is not full after %d bytes", n)
		}
		c.AddKey(a, make([]byte, 1000), 0, 1)
	}
	n := c.Len()
	other.Move(&c)
	if !other.Full() || other.Len() != n || c.Len() != 0 {
		t.Errorf("%d items came of %d, %d are left; full: %v", other.Len(), n, c.Len(), other.Full())
	}
	var found List
	if found.Share(&other, make([]byte, 1001)) || !found.Share(&other, make([]byte, 1000)) || found.Len() != 1 {
		t.Errorf("%d items were found", found.Len())
	}
}
