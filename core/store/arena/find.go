package arena

import "math/bits"

// find returns a free run with room for n pages, the shortest there is, and the
// page in it to begin at; 0 if there is none. Chunks that are used come before
// free ones, and of these those that hold memory already before those that don't.
func (h *heap) find(n uint32, s state) (run, at uint32) {
	if run = h.short(n); run != 0 {
		if at, ok := h.fits(run, n, s); ok {
			return run, at
		}
		if run = h.short(2*n - 1); run != 0 { // wherever it begins
			at, _ = h.fits(run, n, s)
			return run, at
		}
	}
	if run, at = h.border(n); run != 0 {
		return run, at
	}
	for p := uint32(h.long); p != 0; p = h.pages[p].next {
		if _, ok := h.fits(p, n, s); ok {
			if c := h.pages[p].count; run == 0 || c < h.pages[run].count || c == h.pages[run].count && p < run {
				run = p
			}
		}
	}
	if run == 0 {
		return 0, 0
	}
	at, _ = h.fits(run, n, s)
	if n <= chunkPages && !h.chunks[(at+n-1)/chunkPages].resident {
		if r, p := h.findResident(); r != 0 {
			return r, p
		}
	}
	return run, at
}

// border returns a free run that reaches into a chunk that is used with room for
// n pages, the least there is, and the page to begin at; 0 if there is none.
func (h *heap) border(n uint32) (run, at uint32) {
	if n >= chunkPages {
		return 0, 0
	}
	least := uint32(chunkPages)
	for p := uint32(h.long); p != 0; p = h.pages[p].next {
		end := p + h.pages[p].count
		if k := (chunkPages - p%chunkPages) % chunkPages; k >= n && k < least {
			least, run, at = k, p, p
		}
		if k := end % chunkPages; k >= n && k < least {
			least, run, at = k, p, end-k
		}
	}
	return run, at
}

// fits says where in a free run n pages can begin: those of a span are all in
// one chunk.
func (h *heap) fits(run, n uint32, s state) (at uint32, ok bool) {
	at = run
	if s == shared && at%chunkPages+n > chunkPages {
		at = (at/chunkPages + 1) * chunkPages
	}
	return at, at+n <= run+h.pages[run].count
}

// short is the shortest free run of at least n pages that is shorter than a
// chunk, or 0.
func (h *heap) short(n uint32) uint32 {
	length, ok := atLeast(h.nonEmpty[:], int(n))
	if !ok {
		return 0
	}
	return uint32(h.bins[length])
}

// atLeast is the least number that is not below n in a set, which has a bit for
// each number.
func atLeast(set []uint64, n int) (least int, ok bool) {
	for word, from := n/64, n%64; word < len(set); word, from = word+1, 0 {
		if rest := set[word] >> from << from; rest != 0 {
			return word*64 + bits.TrailingZeros64(rest), true
		}
	}
	return 0, false
}

// findResident returns the first free chunk that holds memory, and the run that
// it is in.
func (h *heap) findResident() (run, at uint32) {
	if h.spare.Load() == 0 {
		return 0, 0
	}
	for p := uint32(h.long); p != 0; p = h.pages[p].next {
		end := p + h.pages[p].count
		for at := (p + chunkPages - 1) / chunkPages * chunkPages; at+chunkPages <= end; at += chunkPages {
			if h.chunks[at/chunkPages].resident {
				return p, at
			}
		}
	}
	return 0, 0
}
