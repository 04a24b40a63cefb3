package buffer

import (
	"math/bits"
	"sync"
	"sync/atomic"

	"github.com/redistill-go/redistill/core/sys"
)

const (
	// MinSize is the least capacity of a buffer, in bytes.
	MinSize = 1 << minBits
	// ChunkSize is the largest capacity of a buffer that shares its memory with
	// others, in bytes.
	ChunkSize = 1 << maxBits

	minBits = 9
	maxBits = 16
	classes = maxBits - minBits + 1

	// reserve is the address space for chunks: more than any machine has memory.
	reserve = 1 << 40
	// step is how many chunks are made usable at a time.
	step = 16
	// keepWarm is how many free chunks keep their memory.
	keepWarm = 16
)

// Pool hands out buffers. Make one with New. A nil Pool hands out slices of the
// Go heap, for whoever works without a server.
type Pool struct {
	mu     sync.Mutex
	mem    sys.Region
	chunks []chunk
	room   [classes]int32 // the first chunk of each size with room, plus 1
	warm   []int32        // free chunks that keep their memory
	cold   []int32        // free chunks without
	mapped map[*byte]int  // buffers of their own, by their first byte

	held  atomic.Int64
	idle  atomic.Int64
	limit atomic.Int64
}

// chunk is ChunkSize bytes of the region.
type chunk struct {
	class      int8
	used       uint8
	prev, next int32     // among those of its size with room, plus 1
	free       [2]uint64 // buffers that are free
}

// New makes a pool, which takes address space and no memory yet.
func New() (*Pool, error) {
	mem, err := sys.Reserve(reserve)
	if err != nil {
		return nil, err
	}
	return &Pool{mem: mem, mapped: map[*byte]int{}}, nil
}

// Close gives all memory back. No buffer may be used afterwards.
func (p *Pool) Close() error { return p.mem.Close() }

// Held is the number of bytes in buffers that are in use.
func (p *Pool) Held() int64 { return p.held.Load() }

// Idle is the number of bytes that are kept for the next buffers.
func (p *Pool) Idle() int64 { return p.idle.Load() }

// SetLimit says how much may be held before the pool is Full, in bytes; 0: no limit.
func (p *Pool) SetLimit(n int64) { p.limit.Store(n) }

// Full says whether more is held than should be. Buffers are handed out all the
// same: who can do with less must look.
func (p *Pool) Full() bool { return !p.Fits(0) }

// Fits says whether no more would be held than should be with n bytes beside it.
func (p *Pool) Fits(n int64) bool {
	if p == nil {
		return true
	}
	limit := p.limit.Load()
	return limit == 0 || p.held.Load()+n <= limit
}

// classOf is the size class for n bytes, 1 <= n <= ChunkSize.
func classOf(n int) int { return max(bits.Len(uint(n-1))-minBits, 0) }

// Capacity is the capacity of a buffer for n bytes.
func Capacity(n int) int {
	switch {
	case n <= MinSize:
		return MinSize
	case n <= ChunkSize:
		return 1 << bits.Len(uint(n-1))
	}
	return int(sys.PageUp(uint64(n)))
}

// Get hands out an empty buffer with room for n bytes at least, which are not
// cleared. Where the system has no memory outside the Go heap it is of the heap.
func (p *Pool) Get(n int) []byte {
	if p == nil {
		return make([]byte, 0, Capacity(n))
	}
	if n > ChunkSize {
		return p.mapNew(n)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	class := classOf(max(n, 1))
	i := p.room[class] - 1
	if i < 0 {
		if i = p.takeChunk(class); i < 0 {
			return make([]byte, 0, Capacity(n))
		}
	}
	c := &p.chunks[i]
	word := 0
	if c.free[0] == 0 {
		word = 1
	}
	at := bits.TrailingZeros64(c.free[word])
	c.free[word] &^= 1 << at
	if c.used++; c.free[0]|c.free[1] == 0 {
		p.unlink(i)
	}
	size := uint64(1) << (class + minBits)
	p.held.Add(int64(size))
	return p.mem.Bytes(uint64(i)*ChunkSize+uint64(64*word+at)*size, size)[:0]
}

// Put takes back what Get or Grow returned. b may have been cut at its end, not
// at its beginning.
func (p *Pool) Put(b []byte) {
	if p == nil || cap(b) == 0 {
		return
	}
	b = b[:0]
	off, ok := p.mem.Offset(b)
	if !ok {
		p.unmap(b)
		return
	}
	if i, cool := p.putChunked(off); cool {
		p.release(i)
	}
}

// putChunked takes back the buffer at off. cool: the chunk's memory is to be
// returned, and nobody else knows of the chunk meanwhile.
func (p *Pool) putChunked(off uint64) (i int32, cool bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i = int32(off / ChunkSize)
	c := &p.chunks[i]
	at := off % ChunkSize >> (c.class + minBits)
	if full := c.free[0]|c.free[1] == 0; full {
		p.link(i)
	}
	c.free[at/64] |= 1 << (at % 64)
	p.held.Add(-1 << (c.class + minBits))
	if c.used--; c.used > 0 {
		return i, false
	}
	p.unlink(i)
	if len(p.warm) < keepWarm {
		p.warm = append(p.warm, i)
		p.idle.Add(ChunkSize)
		return i, false
	}
	return i, true
}

// release returns a free chunk's memory to the system. Where the system refuses,
// the memory stays with the chunk until it is used again.
func (p *Pool) release(i int32) {
	_ = p.mem.Release(uint64(i)*ChunkSize, ChunkSize)
	p.mu.Lock()
	p.cold = append(p.cold, i)
	p.mu.Unlock()
}

// takeChunk makes a free chunk one of a size; -1: there is no memory.
func (p *Pool) takeChunk(class int) int32 {
	if len(p.warm)+len(p.cold) == 0 && !p.grow() {
		return -1
	}
	from := &p.warm
	if len(*from) == 0 {
		from = &p.cold
	} else {
		p.idle.Add(-ChunkSize)
	}
	i := (*from)[len(*from)-1]
	*from = (*from)[:len(*from)-1]
	n := ChunkSize >> (class + minBits)
	c := &p.chunks[i]
	*c = chunk{class: int8(class)}
	for w := range c.free {
		if left := n - 64*w; left >= 64 {
			c.free[w] = 1<<64 - 1
		} else if left > 0 {
			c.free[w] = 1<<left - 1
		}
	}
	p.link(i)
	return i
}

// grow makes more of the region usable.
func (p *Pool) grow() bool {
	from := uint64(len(p.chunks)) * ChunkSize
	if from+step*ChunkSize > p.mem.Size() || p.mem.CommitSparse(from, step*ChunkSize) != nil {
		return false
	}
	for i := step - 1; i >= 0; i-- {
		p.cold = append(p.cold, int32(len(p.chunks)+i))
	}
	p.chunks = append(p.chunks, make([]chunk, step)...)
	return true
}

func (p *Pool) link(i int32) {
	c := &p.chunks[i]
	c.prev, c.next = 0, p.room[c.class]
	if c.next > 0 {
		p.chunks[c.next-1].prev = i + 1
	}
	p.room[c.class] = i + 1
}

func (p *Pool) unlink(i int32) {
	c := &p.chunks[i]
	if c.prev > 0 {
		p.chunks[c.prev-1].next = c.next
	} else {
		p.room[c.class] = c.next
	}
	if c.next > 0 {
		p.chunks[c.next-1].prev = c.prev
	}
}
