package store

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
