package arena

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/redistill-go/redistill/core/sys"
)

func newArena(t testing.TB, groups int, reserve uint64) *Arena {
	a, err := New(groups, reserve, 8)
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

func TestRoundIsTheSmallestClassThatFits(t *testing.T) {
	prev := 0
	for n := 1; n <= 3<<20; n++ {
		got := Round(n)
		if got < n || got < prev {
			t.Fatalf("Round(%d) = %d after %d", n, got, prev)
		}
		if waste := got - n; waste >= 8 && waste*8 > n && waste >= PageSize {
			t.Fatalf("Round(%d) = %d wastes %d", n, got, waste)
		}
		if Round(got) != got {
			t.Fatalf("Round(%d) = %d, but Round of that is %d", n, got, Round(got))
		}
		prev = got
	}
}

func TestClassesAreInOrder(t *testing.T) {
	for c := 1; c < classCount; c++ {
		size := classSize(c)
		if size <= classSize(c-1) || classOf(size) != c || size%8 != 0 {
			t.Fatalf("class %d has size %d, of class %d", c, size, classOf(size))
		}
		for _, step := range []int{1, 8} {
			if pages := spanPages(c, step); pages*PageSize/size < 2 || pages*PageSize/size > 1<<16-2 || pages > 64 {
				t.Fatalf("a span of class %d has %d pages", c, pages)
			}
		}
	}
	if classSize(classCount-1) != MaxSmall {
		t.Fatalf("the last class is %d bytes", classSize(classCount-1))
	}
}

// block is a live block of the model; its bytes are all equal to fill.
type block struct {
	ref   Ref
	group int
	size  int
	fill  byte
}

func (b block) check(t interface{ Fatalf(string, ...any) }, a *Arena) {
	if got := a.Bytes(b.ref, b.size); bytes.Count(got, []byte{b.fill}) != b.size {
		t.Fatalf("block %+v was overwritten", b)
	}
}

func TestBlocksKeepTheirBytesAndMemoryComesBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a, err := New(3, 1<<30, 8)
		if err != nil {
			rt.Fatal(err)
		}
		defer func() {
			if err := a.Close(); err != nil {
				rt.Fatal(err)
			}
		}()
		var live []block
		sizes := rapid.OneOf(rapid.IntRange(1, 600), rapid.IntRange(1, MaxSmall), rapid.IntRange(MaxSmall, 5<<20))
		drop := func(i int) {
			live[i].check(rt, a)
			a.Free(live[i].group, live[i].ref, live[i].size)
			live[i] = live[len(live)-1]
			live = live[:len(live)-1]
		}
		rt.Repeat(map[string]func(*rapid.T){
			"alloc": func(rt *rapid.T) {
				b := block{group: rapid.IntRange(0, 2).Draw(rt, "group"), size: sizes.Draw(rt, "size"), fill: rapid.Byte().Draw(rt, "fill")}
				if b.ref, err = a.Alloc(b.group, b.size); err != nil {
					rt.Fatal(err)
				}
				if b.ref == 0 {
					rt.Fatal("a block at 0")
				}
				for i, mem := 0, a.Bytes(b.ref, b.size); i < len(mem); i++ {
					mem[i] = b.fill
				}
				live = append(live, b)
			},
			"free": func(rt *rapid.T) {
				if len(live) > 0 {
					drop(rapid.IntRange(0, len(live)-1).Draw(rt, "i"))
				}
			},
			"free some": func(rt *rapid.T) {
				group := rapid.IntRange(0, 2).Draw(rt, "group")
				left := rapid.IntRange(0, 10).Draw(rt, "left")
				var blocks []Block
				before, bytes := a.Allocated(), int64(0)
				live = slices.DeleteFunc(live, func(b block) bool {
					if b.group != group || left == 0 {
						return false
					}
					b.check(rt, a)
					a.Fetch(b.ref)
					a.FetchSpan(b.ref)
					blocks = append(blocks, Block{b.ref, b.size})
					bytes += int64(Round(b.size))
					left--
					return true
				})
				a.FreeAll(group, blocks)
				if got := a.Allocated(); got != before-bytes {
					rt.Fatalf("%d bytes of %d are allocated without blocks of %d", got, before, bytes)
				}
			},
			"trim": func(rt *rapid.T) {
				if _, err := a.Trim(0); err != nil {
					rt.Fatal(err)
				}
			},
			"": func(rt *rapid.T) {
				for _, b := range live {
					b.check(rt, a)
				}
				checkHeap(rt, a.heap)
			},
		})
		for len(live) > 0 {
			drop(len(live) - 1)
		}
		checkHeap(rt, a.heap)
		if _, err := a.Trim(0); err != nil {
			rt.Fatal(err)
		}
		if a.Used() != 0 || a.Resident() != 0 {
			rt.Fatalf("nothing is allocated, but %d bytes are used and %d resident", a.Used(), a.Resident())
		}
	})
}

// checkHeap walks the runs from the first page to the last and asserts that
// they join up, that no two free runs touch and that the counters are exact.
func checkHeap(t interface{ Fatalf(string, ...any) }, h *heap) {
	var used, resident, spare int64
	draining, wasIdle := 0, false
	for p := uint32(1); p < h.grown; p += h.pages[p].count {
		run := h.pages[p]
		if run.count == 0 || run.head != p || h.pages[p+run.count-1].head != p {
			t.Fatalf("broken run at page %d: %+v", p, run)
		}
		if run.state == idle && wasIdle {
			t.Fatalf("two free runs meet at page %d", p)
		}
		wasIdle = run.state == idle
		if run.state == parked != (wasIdle || run.state == parked) && h.chunks[p/chunkPages].draining {
			t.Fatalf("a run in state %d at page %d of a chunk that is being emptied", run.state, p)
		}
		if run.state == shared {
			if run.draining != h.chunks[p/chunkPages].draining || p/chunkPages != (p+run.count-1)/chunkPages {
				t.Fatalf("span %+v in a chunk that is being emptied: %v", run, h.chunks[p/chunkPages].draining)
			}
		}
		if run.state == shared || run.state == large {
			used += int64(run.count) * PageSize
		}
	}
	for i, c := range h.chunks {
		if c.draining {
			draining++
		}
		if c.resident && c.used == 0 {
			spare += sys.HugePage
		}
		if first := uint32(i) * chunkPages; c.used > 0 && h.pages[first].state != unborn {
			if run := h.pages[h.pages[first].head]; run.head > first || run.head+run.count <= first {
				t.Fatalf("the first page of chunk %d is said to be in %+v", i, run)
			}
		}
		if c.resident {
			resident += sys.HugePage
		} else if c.used > 0 {
			t.Fatalf("a huge page in use is not counted as resident")
		}
	}
	if spare != h.spare.Load() || draining != h.draining {
		t.Fatalf("spare %d, counted %d; %d chunks are being emptied, counted %d", spare, h.spare.Load(), draining, h.draining)
	}
	if used != h.used.Load() || resident != h.resident.Load() {
		t.Fatalf("used %d, counted %d; resident %d, counted %d", used, h.used.Load(), resident, h.resident.Load())
	}
}

func TestAllocSaysWhenTheRegionIsFull(t *testing.T) {
	a := newArena(t, 1, 16<<20)
	if _, err := a.Alloc(0, 17<<20); !errors.Is(err, ErrNoMemory) {
		t.Fatalf("too large a block: %v", err)
	}
	var refs []Ref
	for {
		r, err := a.Alloc(0, 1<<20)
		if err != nil {
			if !errors.Is(err, ErrNoMemory) {
				t.Fatal(err)
			}
			break
		}
		refs = append(refs, r)
	}
	if len(refs) != 15 {
		t.Fatalf("%d blocks of 1 MiB in 16 MiB less the first page", len(refs))
	}
	a.Free(0, refs[3], 1<<20)
	if _, err := a.Alloc(0, 1<<20); err != nil {
		t.Fatalf("after a block came back: %v", err)
	}
}

func TestPinnedBlockOutlivesFree(t *testing.T) {
	a := newArena(t, 1, 64<<20)
	r, err := a.Alloc(0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	copy(a.Bytes(r, 5), "still")
	for range 2 {
		if !a.Pin(r) {
			t.Fatal("cannot pin")
		}
	}
	if !a.Pinned(r) {
		t.Fatal("pinned twice, and not pinned")
	}
	a.Free(0, r, 1<<20)
	a.Unpin(r)
	other, err := a.Alloc(0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if other == r || string(a.Bytes(r, 5)) != "still" {
		t.Fatal("a pinned block was reused")
	}
	a.Unpin(r)
	if again, err := a.Alloc(0, 1<<20); err != nil || again != r {
		t.Fatalf("block %d did not come back after the last unpin: got %d, %v", r, again, err)
	}
	checkHeap(t, a.heap)
}

func TestConcurrentGroupsShareTheHeap(t *testing.T) {
	a := newArena(t, 2, 1<<30)
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			rnd := rand.New(rand.NewPCG(1, uint64(w)))
			var live []block
			for i := range 20_000 {
				if len(live) > 200 || len(live) > 0 && rnd.IntN(3) == 0 {
					k := rnd.IntN(len(live))
					b := live[k]
					if got := binary.LittleEndian.Uint64(a.Bytes(b.ref, 8)); got != uint64(w)<<32|uint64(b.fill) {
						t.Errorf("worker %d: block holds %x", w, got)
						return
					}
					a.Free(b.group, b.ref, b.size)
					live[k] = live[len(live)-1]
					live = live[:len(live)-1]
					continue
				}
				b := block{group: i & 1, size: 8 + rnd.IntN(2000), fill: byte(i)}
				if rnd.IntN(50) == 0 {
					b.size = MaxSmall + rnd.IntN(1<<20)
				}
				var err error
				if b.ref, err = a.Alloc(b.group, b.size); err != nil {
					t.Error(err)
					return
				}
				binary.LittleEndian.PutUint64(a.Bytes(b.ref, 8), uint64(w)<<32|uint64(b.fill))
				live = append(live, b)
			}
		}()
	}
	wg.Wait()
	checkHeap(t, a.heap)
}

func BenchmarkAllocFree(b *testing.B) {
	a := newArena(b, 1, 1<<30)
	for b.Loop() {
		r, err := a.Alloc(0, 280)
		if err != nil {
			b.Fatal(err)
		}
		a.Free(0, r, 280)
	}
}
