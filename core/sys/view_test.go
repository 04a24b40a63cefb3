package sys

import "testing"

func TestView(t *testing.T) {
	type pair struct {
		a uint64
		b uint32
	}
	mem, err := Map(100)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := Unmap(mem); err != nil {
			t.Error(err)
		}
	}()
	some := View[pair](mem[:0])
	if len(some) != PageSize/SizeOf[pair]() {
		t.Errorf("%d pairs in a page", len(some))
	}
	some[1] = pair{7, 9}
	if again := View[uint64](mem); again[2] != 7 {
		t.Errorf("%d, want what was written", again[2])
	}
	lists := Lend[[]byte](mem[PageSize/2 : PageSize/2 : PageSize])
	lists[0] = mem[:16]
	if len(lists) != PageSize/2/24 || len(lists[0]) != 16 {
		t.Errorf("%d slices, the first of %d bytes", len(lists), len(lists[0]))
	}
	defer func() {
		if recover() == nil {
			t.Error("pointers may be viewed")
		}
	}()
	View[*int](mem)
}
