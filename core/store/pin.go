package store

import "github.com/redistill-go/redistill/core/store/arena"

// PinMin is the length from which a value can be pinned: shorter ones are
// cheaper to copy.
const PinMin = 64 << 10

// Pin returns the value and keeps its bytes unchanged until Unpin(ref), which
// may be after the shard was unlocked and the entry changed or deleted. It
// fails for a value shorter than PinMin and where too many hold it.
func (sh *Shard) Pin(e Entry) (value []byte, ref uint64, ok bool) {
	if e.Len() < PinMin || !sh.st.arena.Pin(e.ref()) {
		return nil, 0, false
	}
	return e.Value(), uint64(e.ref()), true
}

// Unpin ends a Pin. No lock is needed.
func (st *Store) Unpin(ref uint64) { st.arena.Unpin(arena.Ref(ref)) }
