package hash

import (
	"math"
	"sync/atomic"
)

// MostPacked is how many fields a small hash may have at most, whatever Limits say.
const MostPacked = packFields

// Limits bound the hashes that are kept as one block, a pack, beside the length that
// every pack is bounded by. They may be changed at any time.
type Limits struct {
	fields atomic.Int64 // 0 to MostPacked
	length atomic.Int64 // in bytes, of a field or a value
}

// Init makes the Limits as wide as they can be.
func (l *Limits) Init() { l.Set(MostPacked, math.MaxInt64) }

// Set makes hashes with more fields than these, 0 or more, or with a field or value of
// more bytes than length trees. It holds for hashes that are written to from now on.
// More fields than MostPacked count as so many.
func (l *Limits) Set(fields, length int64) {
	l.fields.Store(min(fields, MostPacked))
	l.length.Store(length)
}

// Get is what Set was told last, as far as it is in force.
func (l *Limits) Get() (fields, length int64) { return l.fields.Load(), l.length.Load() }

// exceeded says whether so many fields, of which the longest field or value is
// that long, are too much for a pack.
func (l *Limits) exceeded(fields, longest int) bool {
	return int64(fields) > l.fields.Load() || int64(longest) > l.length.Load()
}
