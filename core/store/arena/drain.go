package arena

import (
	"math"

	"github.com/redistill-go/redistill/core/sys"
)

// Emptying chunks. Blocks that come and go leave chunks of which little is
// used, and memory goes back to the system only as whole chunks. StartDrain
// chooses those with the least in them and sees to it that nothing new is
// placed there: their free runs are parked and their spans leave the lists of
// those with room. The owners of the blocks then move what Drain.Has says is
// in them: they allocate, copy and free, as at any time. EndDrain makes those
// free that have become empty, and the others what they were.
//
// A block that is longer than MaxMove stays where it is, and its chunks with
// it; so does one that is pinned.

// MaxMove is the length in bytes of the longest block that is worth moving.
const MaxMove = 512 << 10

// Drain is a set of chunks that are being emptied. It does not change: any
// goroutine may ask it.
type Drain struct {
	a      *Arena
	marks  []mark // by chunk
	chunks []int  // those that are being emptied
}

// mark says what of a chunk has to go: all of it, or the block that begins at
// the page, which reaches into the next one. 0 is nothing.
type mark uint32

const all = mark(math.MaxUint32)

// Has says whether the block is in a chunk that is being emptied.
func (d *Drain) Has(r Ref) bool {
	i := uint64(r) / (sys.HugePage / 8)
	return i < uint64(len(d.marks)) && d.marks[i] != 0 && d.has(r, d.marks[i])
}

func (d *Drain) has(r Ref, m mark) bool {
	p := uint64(r) / (PageSize / 8)
	// What was placed at the page since then does not reach into the next chunk.
	return m == all || uint64(m) == p && p%chunkPages+uint64(d.a.heap.pages[p].count) > chunkPages
}

// Len is the number of chunks.
func (d *Drain) Len() int { return len(d.chunks) }

// StartDrain begins to empty up to limit chunks, or returns nil if there are
// none that it pays to empty: what is in them fills others so well already that
// as many would be needed again. EndDrain follows. One at a time.
//
// stay is how much of what is in the chunks will be moved, in per cent; the
// owners free the rest.
func (a *Arena) StartDrain(limit, stay int) *Drain {
	list, room := a.survey(stay)
	room.stay = stay
	list = list[:min(len(list), 4*limit+tried)]
	d := &Drain{a: a}
	for _, s := range list {
		if len(d.chunks) < limit {
			d.add(s.chunk, room)
		}
	}
	if len(d.chunks) == 0 {
		return nil
	}
	return d
}

// tried is how many more chunks are looked at than are to be emptied.
const tried = 16

// add begins to empty a chunk, if that gains something.
func (d *Drain) add(chunk int, free *room) {
	before, ok := d.a.startChunk(chunk, free)
	if !ok {
		return
	}
	d.chunks = append(d.chunks, chunk)
	d.marks = append(d.marks, make([]mark, max(0, chunk+1-len(d.marks)))...)
	d.marks[chunk] = all
	if before != 0 && d.marks[chunk-1] == 0 {
		d.marks[chunk-1] = mark(before)
	}
}

// EndDrain ends what StartDrain began and says how many chunks are empty.
func (a *Arena) EndDrain(d *Drain) (emptied int) {
	for _, i := range d.chunks {
		if a.endChunk(i) {
			emptied++
		}
	}
	return emptied
}

// Chunks is how many chunks the arena has to look at to choose.
func (a *Arena) Chunks() int { return int(a.heap.mapped.Load() / sys.HugePage) }

// lockAll locks all groups and the heap.
func (a *Arena) lockAll() {
	for i := range a.groups {
		a.groups[i].mu.Lock()
	}
	a.heap.mu.Lock()
}

func (a *Arena) unlockAll() {
	a.heap.mu.Unlock()
	for i := range a.groups {
		a.groups[i].mu.Unlock()
	}
}

// runs calls f for each run in a chunk that is partly used, with its first
// page, until f fails. The first run may begin in the chunk before.
func (h *heap) runs(chunk int, f func(p uint32) bool) {
	p, end := uint32(chunk)*chunkPages, uint32(chunk+1)*chunkPages
	for p = h.pages[p].head; p < end; {
		n := h.pages[p].count // f may change it
		if !f(p) {
			return
		}
		p += n
	}
}

// startChunk begins to empty a chunk, unless something in it can't be moved.
// before is the page of a block that reaches into it from the chunk before.
func (a *Arena) startChunk(chunk int, free *room) (before uint32, ok bool) {
	a.lockAll()
	defer a.unlockAll()
	h := a.heap
	c := &h.chunks[chunk]
	if c.used == 0 || c.draining || !h.movable(chunk) || !free.takes(h, chunk) {
		return 0, false
	}
	h.runs(chunk, func(p uint32) bool {
		if run := &h.pages[p]; run.state == shared && run.used == 0 {
			a.groups[run.group].open[run.class].remove(h.pages, p)
			h.releaseLocked(p)
		}
		return true
	})
	if c.used == 0 {
		return 0, false
	}
	first, end := uint32(chunk)*chunkPages, uint32(chunk+1)*chunkPages
	c.draining = true
	h.draining++
	h.runs(chunk, func(p uint32) bool {
		run := &h.pages[p]
		switch {
		case run.state == idle:
			stop := p + run.count
			h.unlink(p)
			if p < first {
				h.link(p, first-p)
			}
			if stop > end {
				h.link(end, stop-end)
			}
			h.park(max(p, first), min(stop, end)-max(p, first))
		case p < first:
			before = p
		case run.state == shared:
			size := uint64(classSize(int(run.class)))
			if !run.full(size) {
				a.groups[run.group].open[run.class].remove(h.pages, p)
			}
			run.draining = true
		}
		return true
	})
	return before, true
}

// movable says whether all that is in the chunk may be moved.
func (h *heap) movable(chunk int) bool {
	ok := true
	h.runs(chunk, func(p uint32) bool {
		if run := &h.pages[p]; run.state == large && (run.pins > 0 || run.count > MaxMove/PageSize) {
			ok = false
		}
		return ok
	})
	return ok
}

// endChunk makes a chunk what it was, unless it has become empty.
func (a *Arena) endChunk(chunk int) (emptied bool) {
	a.lockAll()
	defer a.unlockAll()
	h := a.heap
	c := &h.chunks[chunk]
	c.draining = false
	h.draining--
	if c.used == 0 {
		h.merge(uint32(chunk)*chunkPages, uint32(chunk+1)*chunkPages)
		return true
	}
	h.runs(chunk, func(p uint32) bool {
		run := &h.pages[p]
		switch run.state {
		case parked:
			h.join(p, p+run.count)
		case shared:
			run.draining = false
			if !run.full(uint64(classSize(int(run.class)))) {
				a.groups[run.group].open[run.class].push(h.pages, p)
			}
		}
		return true
	})
	return false
}

// park makes a run free that nobody may have.
func (h *heap) park(p, n uint32) {
	h.pages[p] = page{head: p, count: n, state: parked}
	last := &h.pages[p+n-1]
	last.head, last.state = p, parked
}
