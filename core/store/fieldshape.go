package store

import "fmt"

// How a hash comes into being, turns from a pack into a tree, and back into a
// small tree.

// create makes the key hold an empty hash.
func (f *Fields) create(expireAt int64) error {
	v, err := f.sh.put(f.k, Hash, 1, expireAt, f.now)
	if err != nil {
		return err
	}
	v[0] = 0
	f.e, _, f.exists = f.sh.find(f.k)
	if f.sh.viewed() {
		f.sh.markNew(&f.e)
	}
	return nil
}

// drop removes the key's empty hash again, of which nobody has heard.
func (f *Fields) drop() {
	f.sh.discard(f.e, nil)
	f.exists = false
}

// Drop removes the hash, of which nobody has heard: it was made since the key's Work
// began.
func (f *Fields) Drop() {
	f.drop()
	f.changed = false
}

// grow turns a pack that has become too large into a tree, and splits a leaf
// that has. longest is the length of the field that was set, or of its value.
// Without memory for it, it stays as it is, which is slower and not wrong,
// unless the pack can't count any further.
func (f *Fields) grow(leaf int, field []byte, longest int) error {
	if f.e.isTree() {
		// The reason for a failure is want of memory, see above.
		_ = f.tree().split(leaf)
		return nil
	}
	if n := f.Len(); f.sh.st.packing.exceeded(n, longest) || len(f.pack()) > packBytes && n > 1 {
		if err := f.plant(); err != nil && f.Len() > packFields {
			if f.log == nil {
				f.Delete(field)
			}
			return err
		}
	}
	return nil
}

// plant turns the pack into a tree.
func (f *Fields) plant() error {
	key := f.k.Bytes
	h := header(Hash, len(key), treeSize, f.e.header&expiresFlag != 0) | f.e.header&(fieldsFlag|newerFlag) | treeFlag | uint64(f.e.Recency())
	to := Entry{mem: f.sh.mem, header: h, slot: f.e.slot}
	ref, err := f.sh.st.arena.Alloc(f.sh.group, int(headerSize(h))+len(key)+treeSize)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	to.off = ref.Offset()
	f.sh.copyEntry(to, f.e, key, treeSize, 0)
	if err := f.sh.newTree(to.Value()); err != nil {
		f.sh.st.arena.Free(f.sh.group, ref, to.size())
		return fmt.Errorf("store: %w", err)
	}
	t := tree{f.sh, to.Value()}
	pack := f.pack()
	for p, ok := next(pack, 0); ok; p, ok = next(pack, p.end()) {
		if err := t.add(p, pack[p.off:p.end()]); err != nil {
			t.freeBlocks()
			f.sh.st.arena.Free(f.sh.group, ref, to.size())
			return fmt.Errorf("store: %w", err)
		}
	}
	f.sh.replace(f.e, ref)
	f.e = to
	return nil
}

// shrink gives back the leaves of a tree that has become nearly empty, unless a
// view or a reader is not done with them.
func (f *Fields) shrink() {
	if !f.e.isTree() || f.keptByView() {
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
	if f.sh.newTree(value[:]) != nil {
		return // for want of memory: it stays large
	}
	small := tree{f.sh, value[:]}
	failed := false
	t.leaves(0, func(_ int, l leaf) bool {
		pack := l.pack()
		for p, ok := next(pack, 0); ok && !failed; p, ok = next(pack, p.end()) {
			failed = small.add(p, pack[p.off:p.end()]) != nil
		}
		return !failed
	})
	if failed {
		small.freeBlocks()
		return
	}
	t.freeBlocks()
	copy(t.b, value[:])
}
