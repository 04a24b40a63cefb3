package hash

// How a hash comes into being, turns from a pack into a tree, and back into a
// small tree.

// create makes the key hold an empty hash.
func (f *Hash) create(expireAt int64) error {
	if err := f.createWith(EmptySize, expireAt); err != nil {
		return err
	}
	clear(f.v.Bytes)
	return nil
}

// createWith makes the key hold a small hash of n bytes.
func (f *Hash) createWith(n int, expireAt int64) error {
	at, b, err := f.m.home.Create(f.at, n, expireAt, f.now)
	if err != nil {
		return err
	}
	f.at, f.v, f.exists = at, Value{Bytes: b}, true
	return nil
}

// Drop removes the hash, of which nobody has heard: it was made since its first change,
// or is empty.
func (f *Hash) Drop() {
	f.drop()
	f.changed = false
}

func (f *Hash) drop() {
	f.m.home.Remove(f.at, true)
	f.exists = false
}

// grow turns a pack that has become too large into a tree, and splits a leaf
// that has. longest is the length of the field that was set, or of its value.
// Without memory for it, it stays as it is, which is slower and not wrong,
// unless the pack can't count any further.
func (f *Hash) grow(leaf int, field []byte, longest int) error {
	if f.v.Large() {
		// The reason for a failure is want of memory, see above.
		_ = f.tree().split(leaf)
		return nil
	}
	if n := f.Len(); f.m.Limits.exceeded(n, longest) || len(f.pack()) > packBytes && n > 1 || longest >= outOfLine && f.heavy() {
		if err := f.plant(); err != nil && f.Len() > packFields {
			if f.log == nil {
				f.Delete(field)
			}
			return err
		}
	}
	return nil
}

// heavy says whether the pack's values take so much that what reads or copies them
// all has to do so in steps, for which the hash must be a tree. What a tree takes is
// little beside it.
func (f *Hash) heavy() bool {
	size, pack := 0, f.pack()
	for p, ok := next(pack, 0); ok && size < freezeMin; p, ok = next(pack, p.end()) {
		size += p.length
	}
	return size >= freezeMin
}

// plant turns the pack into a tree.
func (f *Hash) plant() error {
	var value [treeSize]byte
	t := tree{f.m, value[:]}
	if err := f.m.newTree(t.b); err != nil {
		return err
	}
	if err := t.addAll(f.pack()); err != nil {
		t.freeBlocks()
		return err
	}
	at, b, err := f.m.home.Plant(f.at, t.b)
	if err != nil {
		t.freeBlocks()
		return err
	}
	f.at, f.v = at, Value{b, f.v.Form | Tree}
	return nil
}

// shrink gives back the leaves of a tree that has become nearly empty, unless a
// view or a reader is not done with them.
func (f *Hash) shrink() {
	if !f.v.Large() || f.m.Viewed && f.m.home.Kept(f.at) {
		return
	}
	t := f.tree()
	if t.frozen() {
		return
	}
	if t.count()*8 >= 1<<t.depth() {
		return
	}
	var value [treeSize]byte
	if f.m.newTree(value[:]) != nil {
		return // for want of memory: it stays large
	}
	small := tree{f.m, value[:]}
	failed := false
	t.leaves(0, func(_ int, l leaf) bool {
		failed = small.addAll(l.pack()) != nil
		return !failed
	})
	if failed {
		small.freeBlocks()
		return
	}
	t.freeBlocks()
	copy(t.b, value[:])
}
