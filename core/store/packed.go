package store

import (
	"math"
	"sync/atomic"
)

// MostPacked is how many fields a hash may have at most that is kept as one
// block, whatever SetPacked says.
const MostPacked = packFields

// packing bounds the hashes that are kept as one block, a pack, beside the
// length that every pack is bounded by.
type packing struct {
	fields atomic.Int64 // 0 to MostPacked
	length atomic.Int64 // in bytes, of a field or a value
}

func (p *packing) init() {
	p.fields.Store(MostPacked)
	p.length.Store(math.MaxInt64)
}

// SetPacked makes hashes with more fields than these, 0 or more, or with a field
// or value of more bytes than length trees of their own, which are faster to
// look through and take more memory. It holds for hashes that are written to
// from now on. More fields than MostPacked count as so many.
func (st *Store) SetPacked(fields, length int64) {
	st.packing.fields.Store(min(fields, MostPacked))
	st.packing.length.Store(length)
}

// Packed is what SetPacked was told last, as far as it is in force.
func (st *Store) Packed() (fields, length int64) {
	return st.packing.fields.Load(), st.packing.length.Load()
}

// exceeded says whether so many fields, of which the longest field or value is
// that long, are too much for a pack.
func (p *packing) exceeded(fields, longest int) bool {
	return int64(fields) > p.fields.Load() || int64(longest) > p.length.Load()
}
