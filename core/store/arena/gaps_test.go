package arena

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/redistill-go/redistill/core/sys"
)

func TestTheShortestGapThatFitsIsTaken(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var g gaps
		var want []int // sorted
		add := func(n int) {
			i, _ := slices.BinarySearch(want, n)
			want = slices.Insert(want, i, n)
		}
		length := rapid.IntRange(1, chunkPages)
		for range rapid.IntRange(1, 100).Draw(t, "steps") {
			n := length.Draw(t, "pages")
			if rapid.Bool().Draw(t, "add") {
				g.add(n)
				add(n)
				continue
			}
			i, _ := slices.BinarySearch(want, n)
			if got := g.take(n); got != (i < len(want)) {
				t.Fatalf("%d pages out of %v: %v", n, want, got)
			}
			if i < len(want) {
				rest := want[i] - n
				if want = slices.Delete(want, i, i+1); rest > 0 {
					add(rest)
				}
			}
		}
		for i := range want {
			if !g.take(want[len(want)-1-i]) {
				t.Fatalf("%v is not there", want)
			}
		}
		if g.take(1) {
			t.Fatal("there is more than was added")
		}
	})
}

// beginChunk makes the next block that fits nowhere else begin with a chunk.
func beginChunk(t *testing.T, a *Arena) {
	t.Helper()
	take(t, a, 248) // page 0 is the arena's own
	take(t, a, 7)
}

// take gets a block of so many pages.
func take(t *testing.T, a *Arena, pages int) Ref {
	t.Helper()
	if n := Round(pages * PageSize); n != pages*PageSize || n <= MaxSmall {
		t.Fatalf("a block of %d pages is rounded", pages)
	}
	r, err := a.Alloc(0, pages*PageSize)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Before or behind free chunks, what is free of a used one goes first, although a
// free chunk elsewhere is the closer fit.
func TestAUsedChunkIsFilledBeforeAFreeOne(t *testing.T) {
	for _, behind := range []bool{true, false} {
		a := newArena(t, 1, 1<<30)
		beginChunk(t, a)
		var between Ref
		if behind {
			between = take(t, a, 3*chunkPages-32)
			take(t, a, 32)
		} else {
			take(t, a, 32)
			between = take(t, a, 3*chunkPages-32)
		}
		single := take(t, a, chunkPages)
		take(t, a, chunkPages)
		a.Free(0, between, (3*chunkPages-32)*PageSize)
		a.Free(0, single, sys.HugePage)
		used := a.Resident() - a.Spare()
		take(t, a, chunkPages-32)
		if got := a.Resident() - a.Spare(); got != used {
			t.Errorf("behind free chunks %v: a block made %d bytes of used chunks %d", behind, used, got)
		}
		checkHeap(t, a.heap)
	}
}

// Where what is in the chunks would fit into none of the gaps, though they have
// the room together, nothing is moved.
func TestNothingIsMovedInVain(t *testing.T) {
	const pages, gap = 30, chunkPages % 30
	a := newArena(t, 1, 1<<30)
	beginChunk(t, a)
	var wall []Ref
	for range 40 {
		for range chunkPages / pages {
			take(t, a, pages)
		}
		wall = append(wall, take(t, a, gap))
	}
	for _, r := range wall {
		a.Free(0, r, gap*PageSize)
	}
	if d := a.StartDrain(4, 100); d != nil {
		t.Errorf("%d chunks are to be emptied into gaps of %d pages", d.Len(), gap)
		a.EndDrain(d)
	}
	// What does fit is moved.
	for range len(wall) {
		take(t, a, gap)
	}
	r := take(t, a, gap)
	a.Free(0, wall[0], gap*PageSize)
	if d := a.StartDrain(4, 100); d == nil || !d.Has(r) {
		t.Error("a chunk with little in it is not emptied into a gap")
	} else {
		a.EndDrain(d)
	}
}
