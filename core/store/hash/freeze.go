package hash

import (
	"slices"

	"github.com/redistill-go/redistill/core/store/arena"
	"github.com/redistill-go/redistill/core/store/copies"
	"github.com/redistill-go/redistill/core/store/expiry"
)

// Freeze is a large hash as it was at one moment, which is read in steps, so that
// its Home is locked for a short time only, again and again. It is what a snapshot
// is for all keys, for one hash and one command:
//
//   - Leaves are read in the order of the fields' hashes.
//   - Whoever is about to change a leaf that was not read hands a copy of it to
//     the reader first: see Hash.preserve.
//   - A hash that is removed or replaced as a whole goes to its readers, the last
//     of whom frees it.
//
// A bit in the tree says that it has readers, so that others pay nothing. While it
// has, leaves only split: what was copied is a range of hashes that no leaf
// reaches into from outside.
//
// A Freeze belongs to one goroutine. The Home is locked for all of its methods.
type Freeze struct {
	tree *frozenTree
	now  int64

	version int    // of the tree, when it began
	want    bool   // with values
	from    uint64 // the first hash that was not read
	done    bool
	kept    []keptFields // in the order of hashes
}

// frozenTree is a tree that is being read.
type frozenTree struct {
	m       *Memory
	key     []byte
	readers []*Freeze
	root    []byte // of a tree that the key holds no longer
	copied  bool   // all that was not read: there is no tree
	version int    // counts changes
}

// keptFields is a copy of a leaf: the fields whose hashes are from first to last.
type keptFields struct {
	first, last uint64
	fields      *copies.List
}

// freezeMin is the size in bytes from which a hash is read in steps: less is read
// in some tens of microseconds.
const freezeMin = 128 << 10

// Freeze begins to read the hash, with its values or without. It is nil for one
// that is read at once. The caller calls Close.
func (f *Hash) Freeze(values bool) *Freeze {
	if !f.exists || !f.v.Large() || f.tree().bytes() < freezeMin {
		return nil
	}
	z := &Freeze{now: f.now, want: values}
	if t := f.tree(); t.frozen() {
		z.tree = f.m.freezeOf(f.at.Key)
	} else {
		t.setFrozen(true)
		z.tree = &frozenTree{m: f.m, key: slices.Clone(f.at.Key)}
		f.m.frozen = append(f.m.frozen, z.tree)
	}
	z.tree.readers = append(z.tree.readers, z)
	z.version = z.tree.version
	return z
}

// freezeOf is what reads the tree that the key holds now, which is frozen.
func (m *Memory) freezeOf(key []byte) *frozenTree {
	for _, t := range m.frozen {
		if t.root == nil && !t.copied && string(t.key) == string(key) {
			return t
		}
	}
	panic("hash: nobody reads a hash that is frozen")
}

// view is the tree as it is now.
func (t *frozenTree) view() tree {
	if t.root != nil {
		return tree{t.m, t.root}
	}
	_, v, _ := t.m.home.Find(Place{Key: t.key}, 0)
	return tree{t.m, v.Bytes}
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
	t.m.frozen = slices.DeleteFunc(t.m.frozen, func(o *frozenTree) bool { return o == t })
	switch {
	case t.copied:
	case t.root != nil:
		t.m.releaseTree(t.view())
	default:
		t.view().setFrozen(false)
	}
}

// Read adds some fields to a list, those aside that had expired, and says whether
// more are left.
func (z *Freeze) Read(to *copies.List) (more bool) {
	for leaves := 0; !z.done && !to.Full() && leaves < walkedAtOnce; leaves++ {
		z.from = z.readAt(z.from, to) + 1
		z.done = z.from == 0
	}
	return !z.done
}

// readAt adds the fields of the leaf with a hash and returns the last hash that
// belongs to it.
func (z *Freeze) readAt(hash uint64, to *copies.List) (last uint64) {
	if k := z.keptAt(hash); k != nil {
		to.Move(k.fields)
		return k.last
	}
	t := z.tree.view()
	i := t.index(hash)
	l := t.leaf(i)
	z.copyLeaf(l, to)
	return t.last(i, l.depth())
}

// FindAll adds those of the fields that were there to a list, and returns where
// among them each is, or -1. They are good until Close. Nothing counts as read
// for it.
func (z *Freeze) FindAll(fields [][]byte, to *copies.List) []int {
	at := make([]int, len(fields))
	for i, field := range fields {
		if at[i] = -1; z.find(field, to) {
			at[i] = to.Len() - 1
		}
	}
	return at
}

func (z *Freeze) find(field []byte, to *copies.List) bool {
	m := z.tree.m
	hash := m.hashOf(field)
	if k := z.keptAt(hash); k != nil {
		return to.Share(k.fields, field)
	}
	t := z.tree.view()
	p, ok := packFind(t.leaf(t.index(hash)).pack(), field)
	if ok = ok && !gone(p, z.now); ok {
		m.copyField(to, p, z.want)
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

func (z *Freeze) copyLeaf(l leaf, to *copies.List) {
	pack := l.pack()
	for p, ok := next(pack, 0); ok; p, ok = next(pack, p.end()) {
		if !gone(p, z.now) {
			l.m.copyField(to, p, z.want)
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
		k := keptFields{first, last, &copies.List{}}
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

// Leave is called for a large hash that the key is about to hold no longer. If it has
// readers, they are left with it: nobody else frees it.
func (m *Memory) Leave(key []byte, v Value) {
	t := m.freezeOf(key)
	t.root = slices.Clone(v.Bytes)
}

// Thaw is Leave for a hash that belongs to somebody else from now on. All that was not
// read of it is copied at once: it takes a snapshot under way, and a hash that is
// removed while it is read, for that to happen.
func (m *Memory) Thaw(key []byte, v Value) {
	tr := tree{m, v.Bytes}
	if !tr.frozen() {
		return
	}
	t := m.freezeOf(key)
	tr.leaves(0, func(i int, _ leaf) bool { t.keep(tr, i); return true })
	tr.setFrozen(false)
	t.copied = true
}

// Frozen calls visit with the key of each hash that a key holds and that has readers.
func (m *Memory) Frozen(visit func(key []byte)) {
	for _, t := range m.frozen {
		if t.root == nil && !t.copied {
			visit(t.key)
		}
	}
}

// last is the last hash that belongs to the leaf of the given depth at place i.
func (t tree) last(i int, depth uint) uint64 {
	return t.first(i, depth) + (^uint64(0) >> depth)
}

func gone(p packed, now int64) bool { return expiry.Past(p.at, now) }

// copyField adds a field to a list, with its value if asked for.
func (m *Memory) copyField(to *copies.List, p packed, withValue bool) {
	if withValue {
		to.AddField(m.Arena, p.field, m.fieldValue(p), arena.Ref(p.ref), p.at)
		return
	}
	to.AddField(m.Arena, p.field, nil, 0, p.at)
}
