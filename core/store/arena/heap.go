package arena

import (
	"fmt"
	"math/bits"
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
// Free runs shorter than a huge page are kept by exact length, with a bitmap
// of the lengths that have any; longer ones in one list that is searched for
// the best fit. That list is short: what is longer than a huge page is either
// the untouched end of the heap or what a large value left.
type heap struct {
	mem   sys.Region
	meta  sys.Region // backs pages
	pages []page

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

	touched chan struct{} // holds a token when a huge page was taken; see Populate
}

// chunk is one huge page of the region.
type chunk struct {
	used     uint16 // pages handed out
	resident bool   // touched since it was last returned
}

func newHeap(reserve uint64) (*heap, error) {
	mem, err := sys.Reserve(reserve)
	if err != nil {
		return nil, err
	}
	count := mem.Size() / PageSize
	meta, err := sys.Reserve(count * 32)
	if err != nil {
		_ = mem.Close()
		return nil, err
	}
	h := &heap{mem: mem, meta: meta, pages: sys.Slice[page](meta, int(count)), touched: make(chan struct{}, 1)}
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
	p := h.find(uint32(n))
	if p == 0 {
		if err := h.grow(uint32(n)); err != nil {
			return 0, err
		}
		p = h.find(uint32(n))
	}
	h.unlink(p)
	if rest := h.pages[p].count - uint32(n); rest > 0 {
		h.link(p+uint32(n), rest)
	}
	h.pages[p] = page{head: p, count: uint32(n), state: s}
	for i := p + 1; i < p+uint32(n); i++ {
		h.pages[i].head, h.pages[i].state = p, s
	}
	h.account(p, uint32(n), 1)
	return p, nil
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
	if before := h.pages[p-1]; before.state == idle {
		h.unlink(before.head)
		p, n = before.head, n+h.pages[before.head].count
	}
	if after := p + n; after < h.grown && h.pages[after].state == idle {
		h.unlink(after)
		n += h.pages[after].count
	}
	h.link(p, n)
}

// account adds (sign 1) or takes away the run's pages from what is used.
func (h *heap) account(p, n uint32, sign int) {
	h.used.Add(int64(sign) * int64(n) * PageSize)
	for end := p + n; p < end; {
		c := &h.chunks[p/chunkPages]
		k := min(end, (p/chunkPages+1)*chunkPages) - p
		c.used = uint16(int(c.used) + sign*int(k))
		if !c.resident {
			h.touch(c)
		}
		if c.used == uint16(k) && sign > 0 {
			h.signal()
		}
		p += k
	}
}

// find returns a free run of at least n pages, the shortest there is, or 0.
func (h *heap) find(n uint32) uint32 {
	if n < binCount {
		word := n / 64
		set := h.nonEmpty[word] &^ (1<<(n%64) - 1)
		for set == 0 {
			if word++; word == uint32(len(h.nonEmpty)) {
				break
			}
			set = h.nonEmpty[word]
		}
		if set != 0 {
			return uint32(h.bins[word*64+uint32(bits.TrailingZeros64(set))])
		}
	}
	var best uint32
	for p := uint32(h.long); p != 0; p = h.pages[p].next {
		c := h.pages[p].count
		if c >= n && (best == 0 || c < h.pages[best].count || c == h.pages[best].count && p < best) {
			best = p
		}
	}
	return best
}

func (h *heap) link(p, n uint32) {
	h.pages[p] = page{head: p, count: n, state: idle}
	last := &h.pages[p+n-1]
	last.head, last.state = p, idle
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
	end := uint64(h.grown+add) * 32
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
	first := h.grown
	h.grown += add
	h.mapped.Store(uint64(h.grown) * PageSize)
	if first == 0 {
		first, add = 1, add-1
	} else if before := h.pages[first-1]; before.state == idle {
		h.unlink(before.head)
		first, add = before.head, add+h.pages[before.head].count
	}
	h.link(first, add)
	return nil
}

// trim returns every huge page without a used page to the operating system
// and says how many bytes that were.
func (h *heap) trim() (int64, error) {
	var freed int64
	for i := 0; ; i++ {
		n, more, err := h.trimChunk(i)
		if freed += n; err != nil || !more {
			return freed, err
		}
	}
}

// trimChunk handles one huge page under the lock, so that allocation never
// waits for more than one system call.
func (h *heap) trimChunk(i int) (freed int64, more bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if i >= len(h.chunks) {
		return 0, false, nil
	}
	c := &h.chunks[i]
	if c.used != 0 || !c.resident {
		return 0, true, nil
	}
	if err := h.mem.Release(uint64(i)*sys.HugePage, sys.HugePage); err != nil {
		return 0, false, err
	}
	c.resident = false
	h.resident.Add(-sys.HugePage)
	return sys.HugePage, true, nil
}
