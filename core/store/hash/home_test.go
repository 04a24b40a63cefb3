package hash

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/redistill-go/redistill/core/store/arena"
)

// epoch is where the logical clocks of the tests start, in ms.
const epoch = int64(1_800_000_000_000)

// house is a Home over a map: no shard, no index, no entries, only an arena.
type house struct {
	Memory
	shared          Shared
	leaving, copied atomic.Int64
	background      sync.WaitGroup

	values    map[string]value
	originals map[uint64]value // of Copy and replace, by where they are
	told      int              // how often somebody was told of a change
	preserve  func(v Value, leaf int)
}

// value is what a key holds.
type value struct {
	ref      arena.Ref
	n        int // bytes
	form     Form
	expireAt int64
}

func newHouse(t testing.TB, reserve uint64) *house {
	t.Helper()
	a, err := arena.New(1, reserve, 1)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{values: map[string]value{}, originals: map[uint64]value{}}
	h.shared.Arena, h.shared.Seed, h.shared.Background = a, maphash.MakeSeed(), h.background.Go
	h.shared.Leaving, h.shared.Copied, h.shared.Lent = &h.leaving, &h.copied, new(atomic.Int64)
	h.shared.Limits.Init()
	h.Init(&h.shared, 0, h)
	t.Cleanup(func() {
		h.background.Wait()
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// open opens the hash that a key holds, or would hold.
func (h *house) open(key string, now int64) (f Hash) {
	at, v, ok := h.Find(Place{Key: []byte(key)}, now)
	if ok {
		f.Open(&h.Memory, at, v, now)
	} else {
		f.OpenAbsent(&h.Memory, at, now)
	}
	return f
}

// check asserts that every hash is sound and that the arena holds them and other bytes,
// and nothing else.
func (h *house) check(t interface{ Fatalf(string, ...any) }, other int64) {
	h.background.Wait()
	for key, v := range h.values {
		blocks, err := h.Check(Value{h.bytes(v), v.form})
		if err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		other += blocks + int64(arena.Round(v.n))
	}
	if n := h.Arena.Allocated(); n != other || h.leaving.Load() != 0 {
		t.Fatalf("%d bytes are allocated, the hashes have %d; %d are leaving", n, other, h.leaving.Load())
	}
}

func (h *house) bytes(v value) []byte { return h.Arena.Bytes(v.ref, v.n) }

// take gives the key a block of n bytes.
func (h *house) take(at Place, n int, form Form, expireAt int64) (Place, []byte, error) {
	ref, err := h.alloc(n)
	if err != nil {
		return at, nil, err
	}
	h.values[string(at.Key)] = value{ref, n, form, expireAt}
	at.Off, at.Slot = ref.Offset(), n
	return at, h.Arena.Bytes(ref, n), nil
}

// drop gives the block of a place back.
func (h *house) drop(at Place) { h.Memory.free(arena.Ref(at.Off/8), at.Slot) }

func (h *house) Create(at Place, n int, expireAt, _ int64) (Place, []byte, error) {
	return h.take(at, n, 0, expireAt)
}

func (h *house) Find(at Place, now int64) (Place, Value, bool) {
	v, ok := h.values[string(at.Key)]
	if !ok || v.expireAt != 0 && now > v.expireAt {
		return at, Value{}, false
	}
	at.Off, at.Slot = v.ref.Offset(), v.n
	return at, Value{h.bytes(v), v.form}, true
}

func (h *house) Splice(at Place, off, oldSize, newSize int) (Place, []byte, error) {
	old := h.values[string(at.Key)]
	to, b, err := h.take(at, old.n+newSize-oldSize, old.form, old.expireAt)
	if err != nil {
		return at, nil, err
	}
	from := h.bytes(old)
	copy(b, from[:off])
	copy(b[off+newSize:], from[off+oldSize:])
	h.drop(at)
	return to, b, nil
}

func (h *house) Plant(at Place, tree []byte) (Place, []byte, error) {
	old := h.values[string(at.Key)]
	to, b, err := h.take(at, len(tree), old.form|Tree, old.expireAt)
	if err != nil {
		return at, nil, err
	}
	copy(b, tree)
	h.drop(at)
	return to, b, nil
}

func (h *house) Copy(at Place) (Place, []byte, error) {
	old := h.values[string(at.Key)]
	to, b, err := h.take(at, old.n, old.form, old.expireAt)
	if err != nil {
		return at, nil, err
	}
	h.originals[at.Off] = old
	copy(b, h.bytes(old))
	return to, b, nil
}

func (h *house) Undo(at, original Place) {
	h.drop(at)
	h.values[string(at.Key)] = h.originals[original.Off]
	delete(h.originals, original.Off)
}

func (h *house) Commit(original Place) {
	h.drop(original)
	delete(h.originals, original.Off)
}

// replace opens a hash that takes the place of what the key holds.
func (h *house) replace(key string, now int64) (Hash, error) {
	old, _, ok := h.Find(Place{Key: []byte(key)}, now)
	if !ok {
		f := h.open(key, now)
		return f, f.CreateEmpty(0)
	}
	was := h.values[key]
	at, b, err := h.take(old, EmptySize, 0, 0)
	if err != nil {
		return Hash{}, err
	}
	clear(b)
	h.originals[old.Off] = was
	return h.OpenInPlaceOf(old, at, Value{Bytes: b}, now), nil
}

func (h *house) UndoReplace(at, original Place) {
	v := h.values[string(at.Key)]
	h.Free(at.Key, Value{h.bytes(v), v.form})
	h.Undo(at, original)
}

func (h *house) CommitReplace(_, original Place) {
	v := h.originals[original.Off]
	h.Free(original.Key, Value{h.bytes(v), v.form})
	h.Commit(original)
}

func (h *house) Expires(at Place, first bool, _ int64) {
	if first {
		v := h.values[string(at.Key)]
		v.form |= Timed
		h.values[string(at.Key)] = v
	}
}

// Preserve and Kept are those of a view if a test has one.
func (h *house) Preserve(at Place, v Value, leaf int) {
	if h.preserve != nil {
		h.preserve(v, leaf)
	}
}
func (h *house) Kept(Place) bool { return h.preserve != nil }
func (h *house) Changed(Place)   { h.told++ }

func (h *house) Remove(at Place, quietly bool) {
	v := h.values[string(at.Key)]
	h.Free(at.Key, Value{h.bytes(v), v.form})
	h.drop(at)
	delete(h.values, string(at.Key))
	if !quietly {
		h.told++
	}
}
