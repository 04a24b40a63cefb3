package arena

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/redistill-go/redistill/core/sys"
)

// drainer empties chunks while blocks come and go, as their owner would.
type drainer struct {
	a     *Arena
	live  []block
	drain *Drain
}

func (d *drainer) alloc(t *rapid.T, group, size int, fill byte) {
	r, err := d.a.Alloc(group, size)
	if err != nil {
		t.Fatal(err)
	}
	if d.drain != nil && d.inside(r) {
		t.Fatalf("a block of %d bytes was placed in a chunk that is being emptied", size)
	}
	b := block{ref: r, group: group, size: size, fill: fill}
	b.write(d.a)
	d.live = append(d.live, b)
}

// inside says whether the block is in a chunk that is still being emptied.
func (d *drainer) inside(r Ref) bool {
	return d.a.heap.chunks[r.Offset()/sys.HugePage].draining
}

// write marks both ends of the block.
func (b block) write(a *Arena) {
	mem := a.Bytes(b.ref, b.size)
	mem[0], mem[b.size-1] = b.fill, b.fill
}

func (b block) checkEnds(t interface{ Fatalf(string, ...any) }, a *Arena) {
	if mem := a.Bytes(b.ref, b.size); mem[0] != b.fill || mem[b.size-1] != b.fill {
		t.Fatalf("block %+v was overwritten", b)
	}
}

func (d *drainer) free(t *rapid.T, i int) {
	b := d.live[i]
	b.checkEnds(t, d.a)
	d.a.Free(b.group, b.ref, b.size)
	d.live[i] = d.live[len(d.live)-1]
	d.live = d.live[:len(d.live)-1]
}

// move moves one block out of its chunk.
func (d *drainer) move(t *rapid.T, i int) {
	from := d.live[i]
	d.alloc(t, from.group, from.size, from.fill)
	d.free(t, i)
}

func TestDrainingKeepsEveryBlockAndEmptiesItsChunks(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a, err := New(2, 1<<30, 1)
		if err != nil {
			rt.Fatal(err)
		}
		defer func() {
			if err := a.Close(); err != nil {
				rt.Fatal(err)
			}
		}()
		d := &drainer{a: a}
		sizes := rapid.OneOf(rapid.IntRange(1, MaxSmall), rapid.IntRange(MaxSmall, 3*MaxSmall))
		end := func() {
			for i := 0; i < len(d.live); i++ {
				if d.drain.Has(d.live[i].ref) {
					d.move(rt, i)
					i--
				}
			}
			if n := a.EndDrain(d.drain); n != d.drain.Len() {
				rt.Fatalf("%d of %d chunks became empty", n, d.drain.Len())
			}
			d.drain = nil
		}
		rt.Repeat(map[string]func(*rapid.T){
			"alloc": func(rt *rapid.T) {
				size := sizes.Draw(rt, "size")
				for range rapid.IntRange(1, 20).Draw(rt, "blocks") {
					d.alloc(rt, len(d.live)&1, size, byte(len(d.live)))
				}
			},
			"free": func(rt *rapid.T) {
				i := rapid.IntRange(0, 1000).Draw(rt, "first")
				for n := rapid.IntRange(0, 40).Draw(rt, "blocks"); n > 0 && len(d.live) > 0; n-- {
					d.free(rt, i*n%len(d.live))
				}
			},
			"trim": func(rt *rapid.T) {
				if _, err := a.Trim(rapid.Int64Range(0, 4).Draw(rt, "keep") * sys.HugePage); err != nil {
					rt.Fatal(err)
				}
			},
			"start or end": func(rt *rapid.T) {
				if d.drain != nil {
					end()
					return
				}
				d.drain = a.StartDrain(rapid.IntRange(1, 3).Draw(rt, "chunks"), rapid.SampledFrom([]int{50, 100}).Draw(rt, "stay"))
			},
			"give up": func(*rapid.T) {
				if d.drain != nil {
					a.EndDrain(d.drain)
					d.drain = nil
				}
			},
			"": func(rt *rapid.T) {
				for _, b := range d.live {
					b.checkEnds(rt, a)
				}
				checkHeap(rt, a.heap)
			},
		})
		if d.drain != nil {
			end()
		}
		for len(d.live) > 0 {
			d.free(rt, 0)
		}
		checkHeap(rt, a.heap)
		if _, err := a.Trim(0); err != nil {
			rt.Fatal(err)
		}
		if a.Allocated() != 0 || a.Used() != 0 || a.Resident() != 0 {
			rt.Fatalf("nothing is allocated, counted %d, used %d, resident %d", a.Allocated(), a.Used(), a.Resident())
		}
	})
}

// scatter fills chunks with blocks of the size and frees all but one in so many.
func scatter(t *testing.T, a *Arena, size, count, keep int) (live []block) {
	t.Helper()
	var all []block
	for range count {
		r, err := a.Alloc(0, size)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, block{ref: r, size: size})
	}
	for i, b := range all {
		if i%keep == 0 {
			b.fill = byte(i)
			b.write(a)
			live = append(live, b)
			continue
		}
		a.Free(0, b.ref, b.size)
	}
	return live
}

func TestSparseChunksAreEmptiedForTheSystem(t *testing.T) {
	a := newArena(t, 1, 1<<30)
	live := scatter(t, a, 1000, 40_000, 4) // 40 MB, of which 10 stay
	before := a.Resident()
	for cycle := 0; ; cycle++ {
		d := a.StartDrain(4, 100)
		if d == nil || cycle > 100 {
			break
		}
		for i, b := range live {
			if !d.Has(b.ref) {
				continue
			}
			r, err := a.Alloc(0, b.size)
			if err != nil {
				t.Fatal(err)
			}
			a.Free(0, b.ref, b.size)
			live[i].ref = r
			live[i].write(a)
		}
		if n := a.EndDrain(d); n != d.Len() {
			t.Fatalf("cycle %d: %d of %d chunks became empty", cycle, n, d.Len())
		}
		checkHeap(t, a.heap)
	}
	if _, err := a.Trim(0); err != nil {
		t.Fatal(err)
	}
	for _, b := range live {
		b.checkEnds(t, a)
	}
	if got := a.Resident(); got > before/3 || got < a.Allocated() {
		t.Errorf("%d bytes of %d are resident, %d allocated", got, before, a.Allocated())
	}
}

func TestChunksWithWhatCannotMoveAreLeftAlone(t *testing.T) {
	a := newArena(t, 1, 1<<30)
	filler := func() {
		for range 2 {
			if _, err := a.Alloc(0, sys.HugePage); err != nil {
				t.Fatal(err)
			}
		}
	}
	filler()
	for _, size := range []int{MaxMove + PageSize, MaxMove} {
		r, err := a.Alloc(0, size)
		if err != nil {
			t.Fatal(err)
		}
		filler()
		if size <= MaxMove && !a.Pin(r) {
			t.Fatal("cannot pin")
		}
		if d := a.StartDrain(100, 100); d != nil && d.Has(r) {
			t.Errorf("a block of %d bytes is to move", size)
		} else if d != nil {
			a.EndDrain(d)
		}
		checkHeap(t, a.heap)
	}
}
