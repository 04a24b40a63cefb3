package hash

import "github.com/redistill-go/redistill/core/store/expiry"

// CreateEmpty makes the key, which holds nothing, hold a hash without fields, with an
// expiry of its own; 0 is none. Calls of Set or Restore fill it. Done ends that, and
// removes a hash that got no field; Undo leaves the key as it was before. Errors wrap
// arena.ErrNoMemory.
func (f *Hash) CreateEmpty(expireAt int64) error {
	if err := f.create(expireAt); err != nil {
		return err
	}
	f.isNew, f.changed = true, true
	return nil
}

// OpenInPlaceOf is CreateEmpty for a hash without fields that the Home has made beside
// an original, of whatever type, and pointed the key at: if it gets no field, it goes
// with the original.
func (m *Memory) OpenInPlaceOf(original, at Place, v Value, now int64) Hash {
	f := Hash{m: m, at: at, v: v, now: now, exists: true, changed: true}
	f.beginLog()
	f.log.original, f.log.kept, f.log.replaced = original, true, true
	return f
}

// Restore is Set of a field as it was stored before, for a hash that is new: one that
// has expired meanwhile is left out.
func (f *Hash) Restore(field, value []byte, expireAt int64) error {
	if expiry.Past(expireAt, f.now) {
		return nil
	}
	_, err := f.Set(field, value, expireAt)
	return err
}
