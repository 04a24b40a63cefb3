package arena

// alloc takes a block of the class from a span with room, or from a new one.
func (g *group) alloc(h *heap, id, class int) (Ref, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := uint32(g.open[class])
	if p == 0 {
		var err error
		if p, err = h.alloc(int(h.spans[class]), shared); err != nil {
			return 0, err
		}
		h.pages[p].group, h.pages[p].class = uint8(id), uint8(class)
		g.open[class].push(h.pages, p)
	}
	span, size := &h.pages[p], uint64(classSize(class))
	base := uint64(p) * PageSize
	var block uint64
	if span.free != 0 {
		block = uint64(span.free - 1)
		span.free = uint16(h.mem.Load(base + block*size))
	} else {
		block = uint64(span.fresh)
		span.fresh++
	}
	g.taken.Add(int64(size))
	if span.used++; span.full(size) {
		g.open[class].remove(h.pages, p)
	}
	g.prefetch(h, class, size)
	return Ref((base + block*size) / 8), nil
}

// prefetch pulls the block that is taken next towards the processor, if it was
// used before, and the span after it: blocks that were freed here and there lie
// in no order that the processor could guess.
func (g *group) prefetch(h *heap, class int, size uint64) {
	p := uint32(g.open[class])
	if p == 0 {
		return
	}
	span := &h.pages[p]
	if span.free != 0 {
		h.mem.Prefetch(uint64(p)*PageSize+uint64(span.free-1)*size, min(size, prefetched))
	}
	if span.next != 0 {
		h.meta.Prefetch(uint64(span.next)*pageBytes, pageBytes)
	}
}

// prefetched is how many bytes of a block are pulled: what comes after them the
// processor guesses.
const prefetched = 512

// free puts a block back.
func (g *group) free(h *heap, r Ref, class int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.taken.Add(-int64(classSize(class)))
	g.put(h, r, class)
}

// freeAll puts blocks back, of which none is large.
func (g *group) freeAll(h *heap, blocks []Block) {
	g.mu.Lock()
	defer g.mu.Unlock()
	bytes := 0
	for _, b := range blocks {
		class := classOf(b.Size)
		bytes += classSize(class)
		g.put(h, b.Ref, class)
	}
	g.taken.Add(-int64(bytes))
}

// put makes a block of a span free. The link to the next one lives in it.
func (g *group) put(h *heap, r Ref, class int) {
	p := h.pages[r.Offset()/PageSize].head
	span, size := &h.pages[p], uint64(classSize(class))
	base := uint64(p) * PageSize
	if span.full(size) && !span.draining {
		g.dropSpare(h, class)
		g.open[class].push(h.pages, p)
	}
	h.mem.Store(r.Offset(), uint64(span.free))
	span.free = uint16((r.Offset()-base)/size) + 1
	if span.used--; span.used > 0 {
		return
	}
	if span.draining {
		h.release(p)
		return
	}
	// An empty span is kept only where it is the last one with room: a class
	// in steady use must not go back and forth to the heap.
	if open := &g.open[class]; span.prev != 0 || span.next != 0 {
		open.remove(h.pages, p)
		h.release(p)
	}
}

// dropSpare gives back the span of the class that is kept although it is empty,
// if there is one: it is then the only one in its list.
func (g *group) dropSpare(h *heap, class int) {
	if p := uint32(g.open[class]); p != 0 && h.pages[p].used == 0 {
		g.open[class].remove(h.pages, p)
		h.release(p)
	}
}

// dropEmpty gives back all spans that are kept although they are empty.
func (g *group) dropEmpty(h *heap) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for class := range g.open {
		g.dropSpare(h, class)
	}
}

// full says whether every block of the span is in use.
func (s *page) full(size uint64) bool {
	return uint64(s.used) == uint64(s.count)*PageSize/size
}
