package arena

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/redistill-go/redistill/core/sys"
)

const (
	chunkPages = sys.HugePage / PageSize
	growChunks = 8 // the heap commits at least so many huge pages at a time
	binCount   = chunkPages
)

// heap hands out runs of pages, merges neighbours that come back, and returns
// huge pages that nobody uses to the operating system.
//
// A huge page is a chunk. Free runs shorter than one are kept by exact length,
// with a bitmap of the lengths that have any; longer ones in one list that is
// searched for the best fit. That list is short: what is longer than a chunk is
// either the untouched end of the heap or what a large value left.
type heap struct {
	mem   sys.Region
	meta  sys.Region // backs pages
	pages []page
	spans [classCount]uint8 // pages in a span of each class

	mu       sync.Mutex
	grown    uint32 // pages committed, from 0
	metaTop  uint64 // bytes of meta committed
	bins     [binCount]list
	nonEmpty [binCount / 64]uint64
	long     list
	chunks   []chunk

	large    atomic.Int64  // bytes in large blocks that are in use
	used     atomic.Int64  // bytes in runs handed out
	mapped   atomic.Uint64 // bytes from the region's start that may be read
	resident atomic.Int64  // bytes of huge pages touched and not returned
	spare    atomic.Int64  // bytes of those in which no page is used
	dead     atomic.Int64  // bytes in runs that were freed while pinned
	draining int           // chunks that are being emptied

	touched chan struct{} // holds a token when a huge page was taken; see Populate
}

// chunk is one huge page of the region.
type chunk struct {
	used     uint16 // pages handed out
	resident bool   // touched since it was last returned
	draining bool   // its free runs are parked: nothing new is placed in it
}

func newHeap(reserve uint64, step int) (*heap, error) {
	mem, err := sys.Reserve(reserve)
	if err != nil {
		return nil, err
	}
	count := mem.Size() / PageSize
	meta, err := sys.Reserve(count * pageBytes)
	if err != nil {
		_ = mem.Close()
		return nil, err
	}
	h := &heap{mem: mem, meta: meta, pages: sys.Slice[page](meta, int(count)), touched: make(chan struct{}, 1)}
	for class := 1; class < classCount; class++ {
		h.spans[class] = uint8(spanPages(class, step))
	}
	return h, nil
}

func (h *heap) close() error {
	err := h.mem.Close()
	if merr := h.meta.Close(); err == nil {
		err = merr
	}
	return err
}

// alloc takes a run of n pages. ErrNoMemory if there is no room for it.
func (h *heap) alloc(n int, s state) (uint32, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := h.take(uint32(n), s)
	if p == 0 {
		if err := h.grow(uint32(n)); err != nil {
			return 0, err
		}
		p = h.take(uint32(n), s)
	}
	h.pages[p] = page{head: p, count: uint32(n), state: s}
	for i := p + 1; i < p+uint32(n); i++ {
		h.pages[i].head, h.pages[i].state = p, s
	}
	h.account(p, uint32(n), 1)
	return p, nil
}

// take cuts n pages from a free run, or returns 0 if none is long enough.
func (h *heap) take(n uint32, s state) uint32 {
	run, p := h.find(n, s)
	if run == 0 {
		return 0
	}
	end := run + h.pages[run].count
	h.unlink(run)
	if p > run {
		h.link(run, p-run)
	}
	if rest := p + n; rest < end {
		h.link(rest, end-rest)
	}
	return p
}

// release takes a run back.
func (h *heap) release(p uint32) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.releaseLocked(p)
}

func (h *heap) releaseLocked(p uint32) {
	n := h.pages[p].count
	h.account(p, n, -1)
	h.join(p, p+n)
}

// join makes the pages from p to end free, or parks them, and merges them with
// what is free beside them.
func (h *heap) join(p, end uint32) {
	if h.draining == 0 {
		h.merge(p, end)
		return
	}
	for p < end {
		stop := min(end, (p/chunkPages+1)*chunkPages)
		if h.chunks[p/chunkPages].draining {
			h.park(p, stop-p)
		} else {
			h.merge(p, stop)
		}
		p = stop
	}
}

func (h *heap) merge(p, end uint32) {
	if before := h.pages[p-1]; before.state == idle {
		h.unlink(before.head)
		p = before.head
	}
	if end < h.grown && h.pages[end].state == idle {
		n := h.pages[end].count
		h.unlink(end)
		end += n
	}
	h.link(p, end-p)
}

// account adds (sign 1) or takes away the run's pages from what is used.
func (h *heap) account(p, n uint32, sign int) {
	h.used.Add(int64(sign) * int64(n) * PageSize)
	for end := p + n; p < end; {
		c := &h.chunks[p/chunkPages]
		k := min(end, (p/chunkPages+1)*chunkPages) - p
		if !c.resident {
			h.touch(c)
		} else if c.used == 0 {
			h.spare.Add(-sys.HugePage)
		}
		if c.used == 0 {
			h.signal()
		}
		if c.used = uint16(int(c.used) + sign*int(k)); c.used == 0 {
			h.spare.Add(sys.HugePage)
		}
		p += k
	}
}

func (h *heap) link(p, n uint32) {
	h.pages[p] = page{head: p, count: n, state: idle}
	last := p + n - 1
	h.pages[last].head, h.pages[last].state = p, idle
	if border := last / chunkPages * chunkPages; border > p {
		h.pages[border].head, h.pages[border].state = p, idle
	}
	if n >= binCount {
		h.long.push(h.pages, p)
		return
	}
	h.bins[n].push(h.pages, p)
	h.nonEmpty[n/64] |= 1 << (n % 64)
}

func (h *heap) unlink(p uint32) {
	n := h.pages[p].count
	if n >= binCount {
		h.long.remove(h.pages, p)
		return
	}
	h.bins[n].remove(h.pages, p)
	if h.bins[n] == 0 {
		h.nonEmpty[n/64] &^= 1 << (n % 64)
	}
}

// grow commits enough huge pages for a run of n pages at the heap's end.
func (h *heap) grow(n uint32) error {
	add := max((n+chunkPages-1)/chunkPages, growChunks) * chunkPages
	if h.grown == 0 {
		add += chunkPages // page 0 is never handed out
	}
	if left := uint32(len(h.pages)) - h.grown; add > left {
		if add = left; add < n+1 {
			return fmt.Errorf("%w: %d bytes wanted, %d of %d bytes of address space left", ErrNoMemory,
				int64(n)*PageSize, int64(left)*PageSize, h.mem.Size())
		}
	}
	end := uint64(h.grown+add) * pageBytes
	if end > h.metaTop {
		top := min((end+sys.HugePage-1)&^(sys.HugePage-1), h.meta.Size())
		// Small pages, since a huge one of it is for 512 MiB of blocks, and its
		// first touch would be a pause.
		if err := h.meta.CommitSparse(h.metaTop, top-h.metaTop); err != nil {
			return fmt.Errorf("%w: %w", ErrNoMemory, err)
		}
		h.metaTop = top
	}
	if err := h.mem.Commit(uint64(h.grown)*PageSize, uint64(add)*PageSize); err != nil {
		return fmt.Errorf("%w: %w", ErrNoMemory, err)
	}
	h.chunks = append(h.chunks, make([]chunk, add/chunkPages)...)
	first := max(h.grown, 1)
	h.grown += add
	h.mapped.Store(uint64(h.grown) * PageSize)
	h.join(first, h.grown)
	return nil
}
