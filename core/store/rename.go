package store

// MoveHash makes the key, of this shard, hold the hash e, of the shard from, with
// its expiry, and removes e: none of its fields is copied. It does so for a large
// hash whose blocks may go over to this shard, and says whether it did: not
// between shards that share no memory, and not while a snapshot or somebody else
// reads the hash. Both shards are locked. Errors wrap ErrNoMemory; nothing was
// changed then.
func (sh *Shard) MoveHash(from *Shard, e Entry, k Key, now int64) (bool, error) {
	if !e.isTree() || from.group != sh.group || from.viewed() || sh.viewed() || (tree{from, e.Value()}).frozen() {
		return false, nil
	}
	old := from.st.Key(e.Key())
	value, err := sh.put(k, Hash, treeSize, e.ExpireAt(), now)
	if err != nil {
		return false, err
	}
	e, _, _ = from.find(old) // its place in the index may be another one
	copy(value, e.Value())
	to, _, _ := sh.find(k)
	to.header |= treeFlag | e.header&fieldsFlag
	sh.mem.Store(to.off, to.header)
	if e.header&fieldsFlag != 0 {
		sh.expiry.AddHash()
		sh.expiry.Expect(to.earliest())
		from.expiry.RemoveHash()
	}
	if n := (tree{sh, value}).blocks(); sh != from {
		sh.outside.Add(n)
		from.outside.Add(-n)
	}
	e.header &^= typeMask | fieldsFlag | treeFlag // nothing but a block
	from.Remove(e)
	sh.changed(k.Bytes, Written)
	return true, nil
}

// blocks is how many blocks of the tree Shard.outside counts.
func (t tree) blocks() int32 {
	n := int32(1) // the directory
	t.leaves(0, func(_ int, l leaf) bool {
		if !l.hasBlocks() {
			return true
		}
		pack := l.pack()
		for p, ok := next(pack, 0); ok; p, ok = next(pack, p.end()) {
			if p.ref != 0 {
				n++
			}
		}
		return true
	})
	return n
}
