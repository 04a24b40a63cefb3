package store

import (
	"slices"

	"github.com/redistill-go/redistill/core/store/arena"
	"github.com/redistill-go/redistill/core/store/expiry"
)

// Freeze is a large hash as it was at one moment, which is read in steps, so that
// its shard is locked for a short time only, again and again. It is what a View
// is for all keys, for one hash and one command:
//
//   - Leaves are read in the order of the fields' hashes.
//   - Whoever is about to change a leaf that was not read hands a copy of it to
//     the reader first: see Fields.own.
//   - A hash that is removed or replaced as a whole goes to its readers, the last
//     of whom frees it.
//
// A bit in the tree says that it has readers, so that others pay nothing. While it
// has, leaves only split: what was copied is a range of hashes that no leaf
// reaches into from outside.
//
// A Freeze belongs to one goroutine. The shard is locked for all of its methods.
type Freeze struct {
	tree *frozenTree
	now  int64

	version int    // of the tree, when it began
	want    bool   // with values
	from    uint64 // the first hash that was not read
	done    bool
	kept    []keptFields // in the order of hashes
}

// frozenTree is a tree that is being read. The shard's lock guards it.
type frozenTree struct {
	sh      *Shard
	key     []byte
	readers []*Freeze
	root    []byte // of a tree that the key holds no longer
	copied  bool   // all that was not read: there is no tree
	version int    // counts changes
}

// keptFields is a copy of a leaf: the fields whose hashes are from first to last.
type keptFields struct {
	first, last uint64
	fields      *Copies
}

// freezeMin is the size in bytes from which a hash is read in steps: less is read
// in some tens of microseconds.
const freezeMin = 128 << 10

// Freeze begins to read the hash, with its values or without. It is nil for one
// that is read at once. The caller calls Close.
func (f *Fields) Freeze(values bool) *Freeze {
	if !f.exists || !f.e.isTree() || f.tree().bytes() < freezeMin {
		return nil
	}
	z := &Freeze{now: f.now, want: values}
	if t := f.tree(); t.frozen() {
		z.tree = f.sh.freezeOf(f.k.Bytes)
	} else {
		t.setFrozen(true)
		z.tree = &frozenTree{sh: f.sh, key: slices.Clone(f.k.Bytes)}
		f.sh.frozen = append(f.sh.frozen, z.tree)
	}
	z.tree.readers = append(z.tree.readers, z)
	z.version = z.tree.version
	return z
}

// freezeOf is what reads the tree that the key holds now, which is frozen.
func (sh *Shard) freezeOf(key []byte) *frozenTree {
	for _, t := range sh.frozen {
		if t.root == nil && !t.copied && string(t.key) == string(key) {
			return t
		}
	}
	panic("store: nobody reads a hash that is frozen")
}

// view is the tree as it is now.
func (t *frozenTree) view() tree {
	if t.root != nil {
		return tree{t.sh, t.root}
	}
	e, _, _ := t.sh.find(t.sh.st.Key(t.key))
	return tree{t.sh, e.Value()}
}

// Unchanged says whether the key has still the hash, with the same fields.
func (z *Freeze) Unchanged() bool {
	return z.version == z.tree.version && z.tree.root == nil && !z.tree.copied
}

// Close ends the reading.
func (z *Freeze) Close() {
	t := z.tree
	for _, k := range z.kept {
		k.fields.Free()
	}
	z.kept = nil
	t.readers = slices.DeleteFunc(t.readers, func(r *Freeze) bool { return r == z })
	if len(t.readers) > 0 {
		return
	}
	t.sh.frozen = slices.DeleteFunc(t.sh.frozen, func(o *frozenTree) bool { return o == t })
	switch {
	case t.copied:
	case t.root != nil:
		t.sh.releaseTree(t.view())
	default:
		t.view().setFrozen(false)
	}
}

// Read adds some fields to copies, those aside that had expired, and says whether
// more are left.
func (z *Freeze) Read(copies *Copies) (more bool) {
	for leaves := 0; !z.done && !copies.full() && leaves < leafSteps; leaves++ {
		z.from = z.readAt(z.from, copies) + 1
		z.done = z.from == 0
	}
	return !z.done
}

// readAt adds the fields of the leaf with a hash and returns the last hash that
// belongs to it.
func (z *Freeze) readAt(hash uint64, copies *Copies) (last uint64) {
	if k := z.keptAt(hash); k != nil {
		copies.move(k.fields)
		return k.last
	}
	t := z.tree.view()
	i := t.index(hash)
	l := t.leaf(i)
	z.copyLeaf(l, copies)
	return t.last(i, l.depth())
}

// FindAll adds those of the fields that were there to copies, and returns where
// among them each is, or -1. They are good until Close. Nothing counts as read
// for it.
func (z *Freeze) FindAll(fields [][]byte, copies *Copies) []int {
	at := make([]int, len(fields))
	for i, field := range fields {
		if at[i] = -1; z.find(field, copies) {
			at[i] = copies.Len() - 1
		}
	}
	return at
}

func (z *Freeze) find(field []byte, copies *Copies) bool {
	sh := z.tree.sh
	hash := sh.fieldHash(field)
	if k := z.keptAt(hash); k != nil {
		i := slices.IndexFunc(k.fields.items, func(f copied) bool { return string(f.name) == string(field) })
		if i >= 0 {
			copies.items = append(copies.items, k.fields.items[i])
		}
		return i >= 0
	}
	t := z.tree.view()
	p, ok := packFind(t.leaf(t.index(hash)).pack(), field)
	if ok = ok && !gone(p, z.now); ok {
		copies.addField(sh.st, p, sh.fieldValue(p), z.want)
	}
	return ok
}

// keptAt is the copy that a hash is in, if it is in one.
func (z *Freeze) keptAt(hash uint64) *keptFields {
	i, _ := slices.BinarySearchFunc(z.kept, hash, func(k keptFields, h uint64) int {
		if k.last < h {
			return -1
		}
		return 1
	})
	if i < len(z.kept) && z.kept[i].first <= hash {
		return &z.kept[i]
	}
	return nil
}

func (z *Freeze) copyLeaf(l leaf, copies *Copies) {
	pack := l.pack()
	for p, ok := next(pack, 0); ok; p, ok = next(pack, p.end()) {
		if !gone(p, z.now) {
			copies.addField(l.sh.st, p, l.sh.fieldValue(p), z.want)
		}
	}
}

// keep copies the leaf at place i, which is about to be changed, for those who
// have not read it.
func (t *frozenTree) keep(tr tree, i int) {
	t.version++
	l := tr.leaf(i)
	first, last := tr.first(i, l.depth()), tr.last(i, l.depth())
	for _, z := range t.readers {
		if z.done || first < z.from || z.keptAt(first) != nil {
			continue
		}
		k := keptFields{first, last, &Copies{}}
		z.copyLeaf(l, k.fields)
		at, _ := slices.BinarySearchFunc(z.kept, first, func(k keptFields, h uint64) int {
			if k.first < h {
				return -1
			}
			return 1
		})
		z.kept = slices.Insert(z.kept, at, k)
	}
}

// partFrozen is called for a tree with readers that the key is about to hold no
// longer, and leaves it to them: nobody else frees it.
func (sh *Shard) partFrozen(e Entry) {
	t := sh.freezeOf(e.Key())
	t.root = slices.Clone(e.Value())
}

// thaw is partFrozen for a tree that belongs to somebody else from now on. All
// that was not read of it is copied at once: it takes a snapshot under way, and a
// hash that is removed while it is read, for that to happen.
func (sh *Shard) thaw(e Entry) {
	tr := tree{sh, e.Value()}
	if !tr.frozen() {
		return
	}
	t := sh.freezeOf(e.Key())
	tr.leaves(0, func(i int, _ leaf) bool { t.keep(tr, i); return true })
	tr.setFrozen(false)
	t.copied = true
}

// flushFrozen takes trees with readers out of the index that FLUSHALL is about to
// give to somebody who frees all that is in it.
func (sh *Shard) flushFrozen() {
	for _, t := range sh.frozen {
		if t.root != nil || t.copied {
			continue
		}
		e, _, _ := sh.find(sh.st.Key(t.key))
		if sh.viewed() {
			sh.thaw(e)
			continue
		}
		sh.partFrozen(e)
		sh.mem.Store(e.off, e.header&^(typeMask|fieldsFlag|treeFlag)) // nothing but a block
	}
}

// last is the last hash that belongs to the leaf of the given depth at place i.
func (t tree) last(i int, depth uint) uint64 {
	return t.first(i, depth) + (^uint64(0) >> depth)
}

func gone(p packed, now int64) bool { return expiry.Past(p.at, now) }

// fieldValue is the field's value.
func (sh *Shard) fieldValue(p packed) []byte {
	if p.ref == 0 {
		return p.value
	}
	return sh.st.arena.Bytes(arena.Ref(p.ref), p.length)
}
