package hash

// Home is where hashes are the values of keys: a shard. It makes a hash's value longer
// or shorter, keeps what others have still to see of it, and tells of changes. Nothing
// of it is called to read a field, nor to write one over another of the same shape.
//
// Errors wrap arena.ErrNoMemory; nothing was changed then.
type Home interface {
	// Create makes the key hold a hash of n bytes in place of what it holds. Nobody
	// hears of it yet. The bytes are not cleared.
	Create(at Place, n int, expireAt, now int64) (Place, []byte, error)
	// Find finds the key's hash again. Past its expiry there is none, unless now is 0.
	Find(at Place, now int64) (Place, Value, bool)
	// Splice turns oldSize bytes of the value at off into newSize, moving what is behind
	// them. New bytes are not cleared.
	Splice(at Place, off, oldSize, newSize int) (Place, []byte, error)
	// Plant gives the hash another value, that of a tree.
	Plant(at Place, tree []byte) (Place, []byte, error)

	// Copy makes the key hold a copy of its entry. The original stays where it was until
	// Undo or Commit.
	Copy(at Place) (Place, []byte, error)
	// Undo makes the key hold the original again.
	Undo(at, original Place)
	// Commit gives the original back.
	Commit(original Place)
	// UndoReplace and CommitReplace are the same for an original that the hash takes the
	// place of as a whole, of whatever type it is.
	UndoReplace(at, original Place)
	CommitReplace(at, original Place)

	// Expires says that a field expires at a time in ms since the Unix epoch; first: the
	// hash had none that may.
	Expires(at Place, first bool, when int64)
	// Preserve keeps what a view has still to see of the hash, before it is changed: of a
	// tree, of the leaf at place leaf. It is called only while Memory.Viewed.
	Preserve(at Place, v Value, leaf int)
	// Kept says whether a view has still to see some of the tree.
	Kept(at Place) bool

	// Changed tells whoever wants to hear of it that the hash was changed.
	Changed(at Place)
	// Remove removes the key. quietly: nobody has heard of the hash.
	Remove(at Place, quietly bool)
}

// Place is where a Home has a hash. Only the Home looks into it, but for the key.
type Place struct {
	Key  []byte
	Hash uint64 // of the key, if it is known
	Off  uint64 // of the entry in memory
	Slot int    // of the entry in the index
}
