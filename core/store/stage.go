package store

import (
	"fmt"

	"github.com/redistill-go/redistill/core/store/arena"
)

// Staged is a block for an entry whose value has not arrived yet: a large
// value is read from the socket straight to where it will stay.
//
// It belongs to one goroutine until PutStaged takes it over or Free drops it. Until
// then it does not count as data: see Store.Lent.
type Staged struct {
	st     *Store
	entry  Entry
	keyLen int
	n      int
	lent   int64 // bytes that the block counts as lent while it is staged
}

// Stage makes room for a value of n >= PinMin bytes under a key of keyLen
// bytes. A block of that size belongs to no group of shards. Errors wrap ErrNoMemory.
func (st *Store) Stage(keyLen, n int) (*Staged, error) {
	if n < PinMin {
		return nil, fmt.Errorf("store: a value of %d bytes is too short to be staged, which begins at %d", n, PinMin)
	}
	if keyLen > MaxLength || n > MaxLength {
		return nil, fmt.Errorf("store: %w: a key of %d and a value of %d bytes", ErrTooLong, keyLen, n)
	}
	// Whether the value will expire isn't known yet: 8 bytes are kept for it.
	h := header(String, keyLen, n, true)
	e := Entry{mem: st.arena.Region(), header: h}
	ref, err := st.arena.Alloc(0, int(headerSize(h))+keyLen+n)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	e.off = ref.Offset()
	e.writeLengths(keyLen, n)
	s := &Staged{st: st, entry: e, keyLen: keyLen, n: n, lent: int64(arena.Round(e.size()))}
	st.lent.Add(s.lent)
	return s, nil
}

// Bytes is the value, for writing.
func (s *Staged) Bytes() []byte { return s.entry.Value() }

// KeyLen is the length of the key that room was made for.
func (s *Staged) KeyLen() int { return s.keyLen }

// Free gives the block back.
func (s *Staged) Free() {
	s.st.lent.Add(-s.lent)
	s.st.arena.Free(0, s.entry.ref(), s.entry.size())
	s.st.trimNow()
}

// PutStaged makes the key hold the staged value, as Put does. The key must be
// as long as Stage was told. After an error, s is still the caller's.
func (sh *Shard) PutStaged(k Key, s *Staged, expireAt, now int64) error {
	if len(k.Bytes) != s.keyLen {
		return fmt.Errorf("store: a key of %d bytes does not fit where room was made for %d", len(k.Bytes), s.keyLen)
	}
	old, slot, found := sh.find(k)
	e := s.entry
	e.slot = slot
	if err := sh.install(k, old, found, &e, now); err != nil {
		return err
	}
	sh.st.lent.Add(-s.lent)
	sh.write(e, k.Bytes, s.n, expireAt)
	sh.changed(k.Bytes, Written)
	return nil
}

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
