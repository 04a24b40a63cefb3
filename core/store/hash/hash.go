package hash

import (
	"github.com/redistill-go/redistill/core/store/arena"
	"github.com/redistill-go/redistill/core/store/copies"
	"github.com/redistill-go/redistill/core/store/expiry"
)

// Hash is a hash that is being read or changed. It is good until its Home is unlocked.
// Changes are finished with Done.
type Hash struct {
	m       *Memory
	at      Place
	v       Value
	now     int64
	exists  bool
	changed bool
	isNew   bool       // was made since Begin
	log     *changeLog // since Begin, if it is not new
	laid    *Laid      // nil: no value was laid out
}

// Open opens the hash that a key holds. now is in ms since the Unix epoch, here and
// everywhere in this package.
func (f *Hash) Open(m *Memory, at Place, v Value, now int64) {
	f.m, f.at, f.v, f.now, f.exists = m, at, v, now, true
}

// OpenAbsent opens the hash of a key that holds nothing: it is empty, and the first Set
// makes it.
func (f *Hash) OpenAbsent(m *Memory, at Place, now int64) { f.m, f.at, f.now = m, at, now }

// At is where the Home has it.
func (f *Hash) At() Place { return f.at }

// Exists says whether the key holds a hash.
func (f *Hash) Exists() bool { return f.exists }

// Len is the number of fields. Like Redis, it counts fields that have expired
// and that nobody has met since.
func (f *Hash) Len() int {
	switch {
	case !f.exists:
		return 0
	default:
		return f.v.Len()
	}
}

// Small says whether the hash is one compact block, or none.
func (f *Hash) Small() bool { return !f.exists || !f.v.Large() }

// Get finds a field. The value is good until the hash is changed or its Home
// unlocked; expireAt is 0 for a field that does not expire.
func (f *Hash) Get(field []byte) (value []byte, expireAt int64, ok bool) {
	if !f.exists {
		return nil, 0, false
	}
	p, _, ok := f.find(field)
	if !ok || f.gone(p) {
		return nil, 0, false
	}
	return f.value(p), p.at, true
}

// Pin is Get for a value of copies.PinMin bytes and more: its bytes stay unchanged
// until arena.Unpin(ref). It fails where there is no such value.
func (f *Hash) Pin(field []byte) (value []byte, ref uint64, ok bool) {
	if !f.exists {
		return nil, 0, false
	}
	p, _, ok := f.find(field)
	if !ok || f.gone(p) || p.length < copies.PinMin || !f.m.Arena.Pin(arena.Ref(p.ref)) {
		return nil, 0, false
	}
	return f.value(p), p.ref, true
}

// Lasting says that no field has an expiry. That it doesn't does not mean that
// one has.
func (f *Hash) Lasting() bool { return !f.exists || f.v.Form&Timed == 0 }

// Earliest is a time before which no field expires, in ms since the Unix epoch; 0:
// none ever does.
func (f *Hash) Earliest() int64 {
	if f.Lasting() {
		return 0
	}
	return f.v.Earliest()
}

// AllLive says that no field has expired. That it doesn't does not mean that one
// has.
func (f *Hash) AllLive() bool { return !f.exists || f.now <= f.v.Earliest() }

// Live is the number of fields that have not expired. It looks at each field
// only if one may have.
func (f *Hash) Live() int {
	if f.AllLive() {
		return f.Len()
	}
	n := 0
	f.Each(func([]byte, []byte, int64) bool { n++; return true })
	return n
}

func (f *Hash) gone(p packed) bool { return expiry.Past(p.at, f.now) }

func (f *Hash) value(p packed) []byte { return f.m.fieldValue(p) }

// find finds a field, expired or not, and in a tree the place of its leaf, or
// of the leaf that it would be in.
func (f *Hash) find(field []byte) (p packed, at int, ok bool) {
	if f.v.Large() {
		t := f.tree()
		at = t.index(f.m.hashOf(field))
		p, ok = packFind(t.leaf(at).pack(), field)
		return p, at, ok
	}
	p, ok = packFind(f.pack(), field)
	return p, 0, ok
}

func (f *Hash) tree() tree { return tree{f.m, f.v.Bytes} }

// pack is the pack of a small hash.
func (f *Hash) pack() []byte { return f.v.pack() }
