// Package arena allocates blocks of off-heap memory for the store.
//
// Small blocks come from spans: runs of pages cut into blocks of one size
// class. Each group of shards has spans of its own, so that two cores rarely
// meet at one lock. Blocks above MaxSmall get a run of pages. Runs come from
// one page heap, which merges what comes back and returns whole huge pages to
// the operating system.
//
// A block is named by a Ref, which is smaller than a pointer and means nothing
// to the garbage collector. The arena does not store the size of a block: who
// frees it says the size that it was allocated with.
//
// Chunks of which little is used can be emptied and given back (drain.go).
//
// Invariants: a Ref is never 0; a block does not move; a span with no block in
// use goes back to the page heap unless it is the only span of its class and
// group with room.
//
// Concurrency: all methods but Close may be called from any goroutine. What a
// block holds is guarded by its owner's lock. Lock order: group, then heap.
package arena

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/redistill-go/redistill/core/sys"
)

// ErrNoMemory says that the address range or the system's memory is used up.
var ErrNoMemory = errors.New("out of memory")

// Ref names a block: its place in the region in units of 8 bytes. 0 is none.
type Ref uint64

// RefBits is how many bits a Ref has at most: 8 TiB of region.
const RefBits = 40

// MaxGroups is the largest number of groups.
const MaxGroups = 256

// Arena is a region cut into blocks. Make one with New.
type Arena struct {
	mem    sys.Region
	heap   *heap
	groups []group
}

// group has the spans of the shards that share it.
type group struct {
	mu sync.Mutex
	// open lists the spans of each class that have a free block.
	open [classCount]list
	// taken is the number of bytes in blocks that are in use.
	taken atomic.Int64
	_     [64]byte // keeps neighbours' locks off this cache line
}

// New makes an arena with 1 to MaxGroups groups in reserve bytes of address
// space, of which none is used yet. A span is a multiple of step pages, 1 to 8:
// the more there are, the more rarely groups meet at the heap, and the more
// memory is in spans that are partly used, one for each class and group.
func New(groups int, reserve uint64, step int) (*Arena, error) {
	heap, err := newHeap(min(reserve, 8<<RefBits), step)
	if err != nil {
		return nil, err
	}
	return &Arena{mem: heap.mem, heap: heap, groups: make([]group, groups)}, nil
}

// Close gives all memory back. No block may be used afterwards.
func (a *Arena) Close() error { return a.heap.close() }

// Region is the memory that Refs point into: the block r starts at Offset(r).
func (a *Arena) Region() sys.Region { return a.mem }

// Offset is the block's place in the region in bytes.
func (r Ref) Offset() uint64 { return uint64(r) * 8 }

// Bytes is the block's first n bytes.
func (a *Arena) Bytes(r Ref, n int) []byte { return a.mem.Bytes(r.Offset(), uint64(n)) }

// Peek reads the first word of what may be a block: r may be stale or not a
// reference at all. It returns noise then, but never faults.
func (a *Arena) Peek(r Ref) uint64 {
	if r.Offset() >= a.heap.mapped.Load() {
		return 0
	}
	return a.mem.Load(r.Offset())
}

// Fetch pulls what Free will read of what may be a block towards the processor,
// and waits for nothing; FetchSpan, some time after it, what depends on that.
func (a *Arena) Fetch(r Ref) {
	a.mem.Prefetch(r.Offset(), 1)
	a.heap.meta.Prefetch(r.Offset()/PageSize*pageBytes, 1)
}

// FetchSpan is to be called after Fetch.
func (a *Arena) FetchSpan(r Ref) {
	if r.Offset() < a.heap.mapped.Load() {
		a.heap.meta.Prefetch(uint64(a.heap.pages[r.Offset()/PageSize].head)*pageBytes, 1)
	}
}

// Spare is the part of Resident in which nothing is used.
func (a *Arena) Spare() int64 { return a.heap.spare.Load() }

// Overhead is the number of bytes that the arena holds beside its blocks, to
// know about its pages.
func (a *Arena) Overhead() int64 { return int64(a.heap.mapped.Load() / PageSize * pageBytes) }

// Alloc takes a block of n >= 1 bytes, which are not cleared. It wraps
// ErrNoMemory if there is none.
func (a *Arena) Alloc(g, n int) (Ref, error) {
	if n > MaxSmall {
		p, err := a.heap.alloc(largePages(n), large)
		if err == nil {
			a.heap.large.Add(int64(Round(n)))
		}
		return Ref(p) * (PageSize / 8), err
	}
	return a.groups[g].alloc(a.heap, g, classOf(n))
}

// Free takes back a block that Alloc(g, n) gave.
func (a *Arena) Free(g int, r Ref, n int) {
	if n > MaxSmall {
		a.heap.large.Add(-int64(Round(n)))
		a.freeLarge(r)
		return
	}
	a.groups[g].free(a.heap, r, classOf(n))
}

// Block is one that Alloc(g, Size) gave.
type Block struct {
	Ref  Ref
	Size int
}

// FreeAll takes back blocks of one group. What is left of the slice is noise.
func (a *Arena) FreeAll(g int, blocks []Block) {
	small := blocks[:0]
	for _, b := range blocks {
		if b.Size > MaxSmall {
			a.Free(g, b.Ref, b.Size)
			continue
		}
		small = append(small, b)
	}
	if len(small) > 0 {
		a.groups[g].freeAll(a.heap, small)
	}
}

// Allocated is the number of bytes in blocks that are in use, each as large as
// Round says. It never differs from what Alloc and Free were called for.
func (a *Arena) Allocated() int64 {
	n := a.heap.large.Load()
	for i := range a.groups {
		n += a.groups[i].taken.Load()
	}
	return n
}

// Used is the number of bytes in spans and large blocks: Allocated and the
// free blocks of spans in use.
func (a *Arena) Used() int64 { return a.heap.used.Load() }

// Resident is the number of bytes that the arena may hold of the machine's
// memory: every huge page that was touched since it was last returned.
func (a *Arena) Resident() int64 { return a.heap.resident.Load() }
