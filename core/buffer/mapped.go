package buffer

import "github.com/redistill-go/redistill/core/sys"

// growth is by what part of it, one in so many, a long buffer grows at least:
// little, since a mapping grows without being copied.
const growth = 4

// Grow makes room for n bytes in place of b, which Get or Grow has returned, and
// keeps what b holds. b is invalid afterwards.
func (p *Pool) Grow(b []byte, n int) []byte {
	if n <= cap(b) {
		return b
	}
	if p != nil && cap(b) > ChunkSize {
		if bigger, ok := p.remap(b, max(n, cap(b)+cap(b)/growth)); ok {
			return bigger
		}
	}
	bigger := append(p.Get(max(n, min(2*cap(b), ChunkSize))), b...)
	p.Put(b)
	return bigger
}

func (p *Pool) mapNew(n int) []byte {
	b, err := sys.Map(n)
	if err != nil {
		return make([]byte, 0, Capacity(n))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mapped[&b[0]] = len(b)
	p.held.Add(int64(len(b)))
	return b[:0]
}

// remap grows a buffer that is a mapping of its own.
func (p *Pool) remap(b []byte, n int) (bigger []byte, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	first := &b[:1][0]
	if _, ok := p.mapped[first]; !ok {
		return nil, false // of the Go heap
	}
	bigger, err := sys.Remap(b, n)
	if err != nil {
		return nil, false
	}
	delete(p.mapped, first)
	p.mapped[&bigger[0]] = len(bigger)
	p.held.Add(int64(len(bigger) - cap(b)))
	return bigger[:len(b)], true
}

// unmap takes back a long buffer, or leaves one of the Go heap to the collector.
func (p *Pool) unmap(b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	first := &b[:1][0]
	size, ok := p.mapped[first]
	if !ok {
		return
	}
	delete(p.mapped, first)
	p.held.Add(-int64(size))
	// It fails only for what is no mapping.
	_ = sys.Unmap(b[:0:size])
}
