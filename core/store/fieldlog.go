package store

import "github.com/redistill-go/redistill/core/store/arena"

// changeLog is what it takes to undo the changes of one command to a hash
// without needing memory for it: what a change is about to touch is copied,
// the copy is changed, and the original is kept until Done. That is the whole
// pack of a small hash, and each leaf that is touched of a large one. A hash
// that is new needs none of it.
//
// Each shard has one, which its lock guards.
type changeLog struct {
	changed bool // before Begin

	pack     Entry // the original pack
	kept     bool  // that there is one
	replaced bool  // pack is what Replace takes the place of, of whatever type

	leaves     []keptLeaf
	count, mem int // of the tree, without its directory

	added, dropped []valueBlock // values out of line
}

// keptLeaf is an original leaf, and where in the order of hashes it was.
type keptLeaf struct {
	leaf leaf
	from uint64 // the first hash that belongs to it
}

type valueBlock struct {
	ref    arena.Ref
	length int
}

// Begin makes the changes up to Done one, which Undo takes back. They are calls
// of Set and SetExpiry only.
func (f *Fields) Begin() {
	if f.isNew = !f.exists; f.isNew {
		return
	}
	f.beginLog()
	if f.e.isTree() {
		t := f.tree()
		f.log.count, f.log.mem = t.count(), t.bytes()-t.dirBytes()
	}
}

// beginLog begins the shard's log anew.
func (f *Fields) beginLog() {
	if f.sh.log == nil {
		f.sh.log = &changeLog{}
	}
	f.log = f.sh.log
	*f.log = changeLog{
		changed: f.changed,
		leaves:  f.log.leaves[:0], added: f.log.added[:0], dropped: f.log.dropped[:0],
	}
}

// keep saves what a change of a field of this leaf, or of the pack, touches.
func (f *Fields) keep(i int) error {
	switch {
	case f.log == nil || f.log.kept:
		return nil
	case f.e.isTree():
		return f.keepLeaf(i)
	}
	size := f.e.size()
	ref, err := f.sh.st.arena.Alloc(f.sh.group, size)
	if err != nil {
		return err
	}
	copy(f.sh.mem.Bytes(ref.Offset(), uint64(size)), f.sh.mem.Bytes(f.e.off, uint64(size)))
	f.log.pack, f.log.kept = f.e, true
	f.sh.tab.Point(f.e.slot, ref)
	f.e.off = ref.Offset()
	return nil
}

func (f *Fields) keepLeaf(i int) error {
	t := f.tree()
	l := t.leaf(i)
	if l.isCopy() {
		return nil
	}
	to, err := f.sh.newLeaf(l.length(), l.depth())
	if err != nil {
		return err
	}
	copy(f.sh.mem.Bytes(to.ref.Offset(), uint64(l.size())), f.sh.mem.Bytes(l.ref.Offset(), uint64(l.size())))
	to.setFlag(leafCopied)
	f.log.leaves = append(f.log.leaves, keptLeaf{l, t.first(i, l.depth())})
	t.point(i, l.depth(), to.ref)
	return nil
}

// dropValue frees a value out of line, or only notes that it is to be freed.
func (f *Fields) dropValue(p packed) {
	switch {
	case p.ref == 0:
	case f.log == nil || f.log.replaced:
		f.sh.freeValue(p)
	default:
		f.log.dropped = append(f.log.dropped, valueBlock{arena.Ref(p.ref), p.length})
	}
}

// addValue notes a new value out of line.
func (f *Fields) addValue(ref arena.Ref, length int) {
	if f.log != nil && !f.log.replaced && ref != 0 {
		f.log.added = append(f.log.added, valueBlock{ref, length})
	}
}

// Undo takes back the changes since Begin, or Replace. Without them it does
// nothing: a single change that fails changes nothing.
func (f *Fields) Undo() {
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
		f.undoReplace(l.pack)
		return
	}
	f.changed = l.changed
	switch {
	case l.kept:
		f.undoPack(l.pack)
	case f.e.isTree():
		f.undoLeaves(l)
	}
	f.sh.freeValueBlocks(l.added)
	f.shrink()
}

func (f *Fields) undoPack(e Entry) {
	if f.e.isTree() {
		f.tree().freeBlocks()
	}
	if f.e.header&fieldsFlag > e.header&fieldsFlag {
		f.sh.expiry.RemoveHash()
	}
	f.sh.replace(f.e, e.ref())
	f.e = e
}

func (f *Fields) undoLeaves(l *changeLog) {
	t := f.tree()
	for _, k := range l.leaves {
		t.within(k, func(l leaf) { l.free() })
		t.point(t.index(k.from), k.leaf.depth(), k.leaf.ref)
	}
	t.setWord(0, uint64(l.count))
	t.setWord(4, uint64(l.mem+t.dirBytes()))
}

// commit ends Begin and lets go of the originals.
func (f *Fields) commit() {
	f.isNew = false
	l := f.log
	if l == nil {
		return
	}
	f.log = nil
	switch {
	case l.replaced:
		f.commitReplace(l.pack)
	case l.kept:
		f.sh.freeBlock(l.pack)
	}
	for _, k := range l.leaves {
		f.tree().within(k, func(l leaf) { l.clearFlag(leafCopied) })
		k.leaf.free()
	}
	f.sh.freeValueBlocks(l.dropped)
}

// within calls f for each leaf that has taken the place of an original one.
func (t tree) within(k keptLeaf, f func(leaf)) {
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

func (sh *Shard) freeValueBlocks(list []valueBlock) {
	for _, v := range list {
		sh.freeOutside(v.ref, v.length)
	}
}
