package hash

import "github.com/redistill-go/redistill/core/store/arena"

// changeLog is what it takes to undo the changes of one command to a hash
// without needing memory for it: what a change is about to touch is copied,
// the copy is changed, and the original is kept until Done. That is the whole
// pack of a small hash, and each leaf that is touched of a large one. A hash
// that is new needs none of it.
//
// Each Memory has one.
type changeLog struct {
	changed bool // before Begin

	original Place // of a small hash, and
	value    Value // what it was
	kept     bool  // that there is one
	replaced bool  // it is what the hash takes the place of, of whatever type: see Replace

	leaves     []savedLeaf
	count, mem int // of the tree, without its directory

	added, dropped []valueBlock // values out of line
}

// savedLeaf is an original leaf, and where in the order of hashes it was.
type savedLeaf struct {
	leaf leaf
	from uint64 // the first hash that belongs to it
}

type valueBlock struct {
	ref    arena.Ref
	length int
}

// Begin makes the changes up to Done one, which Undo takes back. They are calls
// of Set and SetExpiry only.
func (f *Hash) Begin() {
	if f.isNew = !f.exists; f.isNew {
		return
	}
	f.beginLog()
	if f.v.Large() {
		t := f.tree()
		f.log.count, f.log.mem = t.count(), t.bytes()-t.dirBytes()
	}
}

// beginLog begins the log anew.
func (f *Hash) beginLog() {
	if f.m.log == nil {
		f.m.log = &changeLog{}
	}
	f.log = f.m.log
	*f.log = changeLog{
		changed: f.changed,
		leaves:  f.log.leaves[:0], added: f.log.added[:0], dropped: f.log.dropped[:0],
	}
}

// save copies what a change of a field of this leaf, or of the pack, touches.
func (f *Hash) save(i int) error {
	switch {
	case f.log == nil || f.log.kept:
		return nil
	case f.v.Large():
		return f.saveLeaf(i)
	}
	at, b, err := f.m.home.Copy(f.at)
	if err != nil {
		return err
	}
	f.log.original, f.log.value, f.log.kept = f.at, f.v, true
	f.at, f.v.Bytes = at, b
	return nil
}

func (f *Hash) saveLeaf(i int) error {
	t := f.tree()
	l := t.leaf(i)
	if l.isCopy() {
		return nil
	}
	to, err := f.m.newLeaf(l.length(), l.depth())
	if err != nil {
		return err
	}
	copy(f.m.region.Bytes(to.ref.Offset(), uint64(l.size())), f.m.region.Bytes(l.ref.Offset(), uint64(l.size())))
	to.setFlag(leafCopied)
	f.log.leaves = append(f.log.leaves, savedLeaf{l, t.first(i, l.depth())})
	t.point(i, l.depth(), to.ref)
	return nil
}

// dropValue frees a value out of line, or only notes that it is to be freed.
func (f *Hash) dropValue(p packed) {
	switch {
	case p.ref == 0:
	case f.log == nil || f.log.replaced:
		f.m.freeValue(p)
	default:
		f.log.dropped = append(f.log.dropped, valueBlock{arena.Ref(p.ref), p.length})
	}
}

// addValue notes a new value out of line.
func (f *Hash) addValue(ref arena.Ref, length int) {
	if f.log != nil && !f.log.replaced && ref != 0 {
		f.log.added = append(f.log.added, valueBlock{ref, length})
	}
}

// Undo takes back the changes since Begin, or Replace. Without them it does
// nothing: a single change that fails changes nothing.
func (f *Hash) Undo() {
	if f.isNew && f.exists {
		f.drop()
		f.changed = false
	}
	l := f.log
	if l == nil {
		return
	}
	f.log = nil
	if l.replaced {
		f.m.home.UndoReplace(f.at, l.original)
		f.exists = false
		return
	}
	f.changed = l.changed
	switch {
	case l.kept:
		f.undoPack(l)
	case f.v.Large():
		f.undoLeaves(l)
	}
	f.m.freeValueBlocks(l.added)
	f.shrink()
}

func (f *Hash) undoPack(l *changeLog) {
	if f.v.Large() {
		f.tree().freeBlocks()
	}
	f.m.home.Undo(f.at, l.original)
	f.at, f.v = l.original, l.value
}

func (f *Hash) undoLeaves(l *changeLog) {
	t := f.tree()
	for _, k := range l.leaves {
		t.within(k, func(l leaf) { l.free() })
		t.point(t.index(k.from), k.leaf.depth(), k.leaf.ref)
	}
	t.setWord(0, uint64(l.count))
	t.setWord(4, uint64(l.mem+t.dirBytes()))
}

// commit ends Begin and lets go of the originals.
func (f *Hash) commit() {
	f.isNew = false
	l := f.log
	if l == nil {
		return
	}
	f.log = nil
	switch {
	case l.replaced:
		f.m.home.CommitReplace(f.at, l.original)
	case l.kept:
		f.m.home.Commit(l.original)
	}
	for _, k := range l.leaves {
		f.tree().within(k, func(l leaf) { l.clearFlag(leafCopied) })
		k.leaf.free()
	}
	f.m.freeValueBlocks(l.dropped)
}

// within calls f for each leaf that has taken the place of an original one.
func (t tree) within(k savedLeaf, f func(leaf)) {
	first := t.index(k.from)
	end := first + 1<<(t.depth()-k.leaf.depth())
	t.leaves(first, func(i int, l leaf) bool {
		if i >= end {
			return false
		}
		f(l)
		return true
	})
}

func (m *Memory) freeValueBlocks(list []valueBlock) {
	for _, v := range list {
		m.freeOutside(v.ref, v.length)
	}
}
