package store

import (
	"errors"
	"fmt"

	"github.com/redistill-go/redistill/core/store/copies"
	"github.com/redistill-go/redistill/core/store/hash"
)

// ErrWrongType says that the key holds another type of value.
var ErrWrongType = errors.New("wrong type")

// Fields is a hash that is being read or changed.
type Fields = hash.Hash

// Laid is long values of fields that were copied before a shard is locked: see
// hash.Laid.
type Laid = hash.Laid

// LayOut copies the long values among args to where fields will have them. The caller
// calls GiveBack.
func (st *Store) LayOut(args [][]byte) *Laid { return st.hashes.LayOut(args) }

// GiveBack gives back what was laid out and no field has taken.
func (st *Store) GiveBack(l *Laid) {
	l.Free()
	st.trimNow()
}

// Freeze is a large hash as it was at one moment, which is read in steps.
type Freeze = hash.Freeze

// Copies are keys or fields for use after the lock.
type Copies = copies.List

const (
	// KeepExpiry as an expiry leaves that of the field as it is.
	KeepExpiry = hash.KeepExpiry
	// MostPacked is how many fields a hash may have at most that is kept as one
	// block, whatever SetPacked says.
	MostPacked = hash.MostPacked
)

// SetPacked makes hashes with more fields than these, 0 or more, or with a field
// or value of more bytes than length trees of their own, which are faster to
// look through and take more memory. It holds for hashes that are written to
// from now on. More fields than MostPacked count as so many.
func (st *Store) SetPacked(fields, length int64) { st.hashes.Limits.Set(fields, length) }

// Packed is what SetPacked was told last, as far as it is in force.
func (st *Store) Packed() (fields, length int64) { return st.hashes.Limits.Get() }

// Fields opens the hash that the key holds; if there is none, it is empty and
// the first Set makes it. ErrWrongType if the key holds something else.
func (sh *Shard) Fields(k Key, now int64) (f Fields, err error) {
	e, ok := sh.Get(k, now)
	switch {
	case !ok:
		f.OpenAbsent(&sh.hashes, hash.Place{Key: k.Bytes, Hash: k.Hash}, now)
	case e.Type() != Hash:
		return f, ErrWrongType
	default:
		f.Open(&sh.hashes, placeOf(k, e), e.hash(), now)
	}
	return f, nil
}

// FieldsOf opens the hash that e is a view of, without counting the access.
func (sh *Shard) FieldsOf(e Entry, now int64) (f Fields) {
	f.Open(&sh.hashes, placeOf(Key{Bytes: e.Key()}, e), e.hash(), now)
	return f
}

// Replace opens a hash without fields that takes the place of what the key
// holds, with an expiry of its own; 0 is none. Calls of Set or Restore fill it. Done ends
// that, and a hash that got no field goes with what it replaced; Undo leaves the
// key as it was before Replace.
//
// Errors wrap ErrNoMemory; the key is then as it was.
func (sh *Shard) Replace(k Key, expireAt, now int64) (Fields, error) {
	old, found := sh.Peek(k, now)
	if !found {
		var f Fields
		f.OpenAbsent(&sh.hashes, hash.Place{Key: k.Bytes, Hash: k.Hash}, now)
		if err := f.CreateEmpty(expireAt); err != nil {
			return Fields{}, err
		}
		return f, nil
	}
	h := header(Hash, len(k.Bytes), hash.EmptySize, expireAt != 0) | uint64(sh.recency.renewed(old, now))
	ref, err := sh.st.arena.Alloc(sh.group, int(headerSize(h))+len(k.Bytes)+hash.EmptySize)
	if err != nil {
		return Fields{}, fmt.Errorf("store: %w", err)
	}
	e := Entry{mem: sh.mem, off: ref.Offset(), header: h, slot: old.slot}
	sh.write(e, k.Bytes, hash.EmptySize, expireAt)
	clear(e.Value())
	sh.tab.Point(old.slot, ref)
	return sh.hashes.OpenInPlaceOf(placeOf(k, old), placeOf(k, e), e.hash(), now), nil
}

func placeOf(k Key, e Entry) hash.Place {
	return hash.Place{Key: k.Bytes, Hash: k.Hash, Off: e.off, Slot: e.slot}
}

// MoveHash makes the key, of this shard, hold the hash e, of the shard from, with
// its expiry, and removes e: none of its fields is copied. It does so for a large
// hash whose blocks may go over to this shard, and says whether it did: not
// between shards that share no memory, and not while a snapshot or somebody else
// reads the hash. Both shards are locked. Errors wrap ErrNoMemory; nothing was
// changed then.
func (sh *Shard) MoveHash(from *Shard, e Entry, k Key, now int64) (bool, error) {
	if from.group != sh.group || from.viewed() || sh.viewed() || !from.hashes.Movable(e.hash()) {
		return false, nil
	}
	old := from.st.Key(e.Key())
	value, err := sh.put(k, Hash, e.Len(), e.ExpireAt(), now)
	if err != nil {
		return false, err
	}
	e, _, _ = from.find(old) // its place in the index may be another one
	copy(value, e.Value())
	to, _, _ := sh.find(k)
	to.header |= e.header & (largeFlag | timedFlag)
	sh.mem.Store(to.off, to.header)
	if e.timed() {
		sh.expiry.AddHash()
		sh.expiry.Expect(to.earliest())
		from.expiry.RemoveHash()
	}
	if sh != from {
		sh.hashes.Adopt(&from.hashes, sh.hashes.Count(to.hash()))
	}
	from.Remove(e.blockOnly())
	sh.changed(k.Bytes, Written)
	return true, nil
}
