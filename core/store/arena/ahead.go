package arena

import (
	"context"

	"github.com/redistill-go/redistill/core/sys"
)

// aheadChunks is how many untouched huge pages are backed before they are
// needed. The first touch of a huge page takes the system some milliseconds
// where it must clear or fetch 2 MiB, and whoever allocates would wait for it
// with a shard locked.
const aheadChunks = 4

// Populate keeps a few huge pages backed ahead of need until ctx ends. It runs
// in a goroutine of its own, at most one for an arena, and must have returned
// before Close. room tells how many bytes may be backed ahead now; what is
// backed counts as Resident.
//
// Where memory is used up faster than the system hands it out, and where the
// system can't do it ahead, allocation goes on as if Populate did not run.
func (a *Arena) Populate(ctx context.Context, room func() int64) {
	a.heap.signal() // the first ones are as slow as the others
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.heap.touched:
		}
		for ctx.Err() == nil {
			off, ok := a.heap.claim(int(min(room()/sys.HugePage, aheadChunks)))
			if !ok {
				break
			}
			if err := a.heap.mem.Populate(off, sys.HugePage); err != nil {
				return // a system that doesn't know how, or is out of memory
			}
		}
	}
}

// claim chooses the untouched huge page that is next in turn, counts it as
// resident and returns its place in bytes. It fails when ahead of them are
// there already.
//
// They are looked for where the next run will be taken from when what holds
// memory is used up: in the shortest of the free runs, and then at the heap's
// end.
func (h *heap) claim(ahead int) (off uint64, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.spare.Load() >= int64(ahead)*sys.HugePage {
		return 0, false
	}
	best, _ := h.find(binCount, large)
	end := uint32(0)
	if h.grown > 0 {
		end = h.pages[h.grown-1].head
	}
	for _, p := range [2]uint32{best, end} {
		if p == 0 || h.pages[p].state != idle || h.pages[p].count < chunkPages {
			continue
		}
		for i := p / chunkPages; (i+1)*chunkPages <= p+h.pages[p].count; i++ {
			if c := &h.chunks[i]; !c.resident {
				h.touch(c)
				h.spare.Add(sys.HugePage)
				return uint64(i) * sys.HugePage, true
			}
		}
	}
	if h.grow(1) == nil {
		h.signal() // look again
	}
	return 0, false
}

// touch counts a huge page as resident.
func (h *heap) touch(c *chunk) {
	c.resident = true
	h.resident.Add(sys.HugePage)
}

// signal tells Populate that a huge page was taken.
func (h *heap) signal() {
	select {
	case h.touched <- struct{}{}:
	default:
	}
}
