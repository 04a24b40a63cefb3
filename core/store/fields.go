package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/redistill-go/redistill/core/store/arena"
	"github.com/redistill-go/redistill/core/store/expiry"
)

// ErrWrongType says that the key holds another type of value.
var ErrWrongType = errors.New("wrong type")

// Fields is a hash that is being read or changed: a small one is a pack in the
// entry's value, a large one a tree. It is good until the shard is unlocked.
//
// A pack's entry has the value
//
//	number of fields 1 | earliest expiry 8, only if fields may expire | pack
//
// Changes are finished with Done.
type Fields struct {
	sh      *Shard
	k       Key
	e       Entry
	now     int64
	exists  bool
	changed bool
	isNew   bool       // was made since Begin
	log     *changeLog // since Begin, if it is not new
}

// KeepExpiry as an expiry leaves that of the field as it is.
const KeepExpiry = -1

// Fields opens the hash that the key holds; if there is none, it is empty and
// the first Set makes it. ErrWrongType if the key holds something else.
func (sh *Shard) Fields(k Key, now int64) (Fields, error) {
	e, ok := sh.Get(k, now)
	if ok && e.Type() != Hash {
		return Fields{}, ErrWrongType
	}
	return Fields{sh: sh, k: k, e: e, now: now, exists: ok}, nil
}

// FieldsOf opens the hash that e is a view of, without counting the access.
func (sh *Shard) FieldsOf(e Entry, now int64) Fields {
	return Fields{sh: sh, k: Key{Bytes: e.Key()}, e: e, now: now, exists: true}
}

// Exists says whether the key holds a hash.
func (f *Fields) Exists() bool { return f.exists }

// Len is the number of fields. Like Redis, it counts fields that have expired
// and that nobody has met since.
func (f *Fields) Len() int {
	switch {
	case !f.exists:
		return 0
	case f.e.isTree():
		return f.tree().count()
	default:
		return int(f.e.Value()[0])
	}
}

// Small says whether the hash is one compact block, or none.
func (f *Fields) Small() bool { return !f.exists || !f.e.isTree() }

// Get finds a field. The value is good until the hash is changed or the shard
// unlocked; expireAt is 0 for a field that does not expire.
func (f *Fields) Get(field []byte) (value []byte, expireAt int64, ok bool) {
	if !f.exists {
		return nil, 0, false
	}
	p, _, ok := f.find(field)
	if !ok || f.gone(p) {
		return nil, 0, false
	}
	return f.value(p), p.at, true
}

// Pin is Get for a value of PinMin bytes and more: its bytes stay unchanged
// until Store.Unpin(ref). It fails where there is no such value.
func (f *Fields) Pin(field []byte) (value []byte, ref uint64, ok bool) {
	if !f.exists {
		return nil, 0, false
	}
	p, _, ok := f.find(field)
	if !ok || f.gone(p) || p.length < PinMin || !f.sh.st.arena.Pin(arena.Ref(p.ref)) {
		return nil, 0, false
	}
	return f.value(p), p.ref, true
}

// Lasting says that no field has an expiry. That it doesn't does not mean that
// one has.
func (f *Fields) Lasting() bool { return !f.exists || f.e.header&fieldsFlag == 0 }

// Earliest is a time before which no field expires, in ms since the Unix epoch; 0:
// none ever does.
func (f *Fields) Earliest() int64 {
	if f.Lasting() {
		return 0
	}
	return f.e.earliest()
}

// AllLive says that no field has expired. That it doesn't does not mean that one
// has.
func (f *Fields) AllLive() bool { return !f.exists || f.now <= f.e.earliest() }

// Live is the number of fields that have not expired. It looks at each field
// only if one may have.
func (f *Fields) Live() int {
	if f.AllLive() {
		return f.Len()
	}
	n := 0
	f.Each(func([]byte, []byte, int64) bool { n++; return true })
	return n
}

func (f *Fields) gone(p packed) bool { return expiry.Past(p.at, f.now) }

func (f *Fields) value(p packed) []byte {
	if p.ref == 0 {
		return p.value
	}
	return f.sh.st.arena.Bytes(arena.Ref(p.ref), p.length)
}

// find finds a field, expired or not, and in a tree the place of its leaf, or
// of the leaf that it would be in.
func (f *Fields) find(field []byte) (p packed, at int, ok bool) {
	if f.e.isTree() {
		t := f.tree()
		at = t.index(f.sh.fieldHash(field))
		p, ok = packFind(t.leaf(at).pack(), field)
		return p, at, ok
	}
	p, ok = packFind(f.pack(), field)
	return p, 0, ok
}

func (f *Fields) tree() tree { return tree{f.sh, f.e.Value()} }

// pack is the pack of a small hash.
func (f *Fields) pack() []byte { return f.e.Value()[f.e.packHead():] }

// Set gives a field a value. expireAt is in ms since the Unix epoch, 0 for
// never, or KeepExpiry. created says that the field was not there.
// Errors wrap ErrNoMemory; the hash is then as it was.
func (f *Fields) Set(field, value []byte, expireAt int64) (created bool, err error) {
	if len(field) > MaxLength || len(value) > MaxLength {
		return false, fmt.Errorf("store: %w: a field of %d and a value of %d bytes", ErrTooLong, len(field), len(value))
	}
	if !f.exists {
		if err := f.create(0); err != nil {
			return false, err
		}
	}
	p, leaf, found := f.find(field)
	live := found && !f.gone(p)
	if expireAt == KeepExpiry {
		expireAt = 0
		if live {
			expireAt = p.at
		}
	}
	if err := f.put(p, leaf, found, field, value, expireAt); err != nil {
		if f.Len() == 0 && f.log == nil {
			f.drop()
		}
		return false, fmt.Errorf("store: %w", err)
	}
	f.changed = true
	return !live, f.grow(leaf, field, max(len(field), len(value)))
}

// put writes a field over the one that was found, or at the end.
func (f *Fields) put(old packed, leaf int, found bool, field, value []byte, at int64) error {
	f.own(leaf)
	if err := f.keep(leaf); err != nil {
		return err
	}
	if at != 0 {
		if err := f.expires(leaf, at); err != nil {
			return err
		}
	}
	if found && old.ref == 0 && len(value) < outOfLine && old.length == len(value) && old.timed == (at != 0) {
		// The same shape: nothing moves.
		b := f.run(leaf)
		copy(packHead(b[old.off:], field, len(value), 0, at), value)
		return nil
	}
	var ref arena.Ref
	if len(value) >= outOfLine {
		var err error
		if ref, err = f.sh.newValue(len(value)); err != nil {
			return err
		}
		copy(f.sh.st.arena.Bytes(ref, len(value)), value)
	}
	off := len(f.run(leaf))
	if found {
		off = old.off
	}
	b, err := f.splice(leaf, off, old.size, packSize(len(field), len(value), at != 0))
	if err != nil {
		if ref != 0 {
			f.sh.freeOutside(ref, len(value))
		}
		return err
	}
	copy(packHead(b[off:], field, len(value), uint64(ref), at), value)
	f.addValue(ref, len(value))
	f.dropValue(old)
	if f.e.isTree() {
		if ref != 0 {
			f.tree().leaf(leaf).setFlag(leafBlocks)
		}
		f.tree().addBytes(blockSize(uint64(ref), len(value)) - blockSize(old.ref, old.length))
	}
	if !found {
		f.addCount(leaf, 1)
	}
	return nil
}

// run is the pack that a field is in.
func (f *Fields) run(leaf int) []byte {
	if f.e.isTree() {
		return f.tree().leaf(leaf).pack()
	}
	return f.pack()
}

// splice changes the length of a piece of the run, moving what is behind it.
func (f *Fields) splice(leaf, off, oldSize, newSize int) ([]byte, error) {
	if f.e.isTree() {
		return f.tree().splice(leaf, off, oldSize, newSize)
	}
	head := f.e.packHead()
	if err := f.sh.splice(f.k, &f.e, head+off, oldSize, newSize); err != nil {
		return nil, err
	}
	return f.pack(), nil
}

func (f *Fields) addCount(leaf, n int) {
	if f.e.isTree() {
		t := f.tree()
		l := t.leaf(leaf)
		l.setCount(l.count() + n)
		t.addCount(n)
		return
	}
	f.e.Value()[0] += byte(n)
}

// Delete removes a field and says whether it was there.
func (f *Fields) Delete(field []byte) bool {
	if !f.exists {
		return false
	}
	p, leaf, ok := f.find(field)
	if !ok {
		return false
	}
	live := !f.gone(p)
	f.cut(p, leaf)
	f.changed = true
	return live
}

// cut takes a field out of its pack.
func (f *Fields) cut(p packed, leaf int) {
	f.own(leaf)
	f.close(leaf, p.off, p.size)
	f.sh.freeValue(p)
	if f.e.isTree() {
		f.tree().addBytes(-blockSize(p.ref, p.length))
	}
	f.addCount(leaf, -1)
}

// close takes n bytes out of the run. Where there is no memory for a smaller
// block, it leaves a gap.
func (f *Fields) close(leaf, off, n int) {
	if n == 0 {
		return
	}
	if _, err := f.splice(leaf, off, n, 0); err != nil {
		gap := f.run(leaf)[off : off+n]
		for i := range gap {
			gap[i] = packEmpty
		}
	}
}

// SetExpiry makes a field expire at a time in ms since the Unix epoch, 0 being
// never, and says whether the field is there. Errors wrap ErrNoMemory; the
// hash is then as it was.
func (f *Fields) SetExpiry(field []byte, at int64) (bool, error) {
	if !f.exists {
		return false, nil
	}
	p, leaf, ok := f.find(field)
	if !ok || f.gone(p) {
		return false, nil
	}
	if !p.timed && at == 0 {
		return true, nil
	}
	f.own(leaf)
	if err := f.keep(leaf); err != nil {
		return true, fmt.Errorf("store: %w", err)
	}
	if at != 0 {
		if err := f.expires(leaf, at); err != nil {
			return true, fmt.Errorf("store: %w", err)
		}
	}
	if !p.timed {
		b, err := f.splice(leaf, p.off, 0, 9)
		if err != nil {
			return true, fmt.Errorf("store: %w", err)
		}
		b[p.off] = packMarker
	}
	binary.LittleEndian.PutUint64(f.run(leaf)[p.off+1:], uint64(at))
	f.changed = true
	return true, f.grow(leaf, field, 0)
}

// Persist makes a field not expire. Unlike SetExpiry it can't fail.
func (f *Fields) Persist(field []byte) {
	if !f.exists {
		return
	}
	if p, leaf, ok := f.find(field); ok && p.at != 0 && !f.gone(p) {
		f.own(leaf)
		binary.LittleEndian.PutUint64(f.run(leaf)[p.off+1:], 0)
		f.changed = true
	}
}

// Pause ends a step of the changes, after which the shard may be unlocked for others
// that keep from this key: see Work. Nobody is told yet. Undo does not reach before
// it.
func (f *Fields) Pause() {
	if f.commit(); f.exists && f.Len() == 0 {
		f.Done()
	}
}

// Resume goes on after a Pause, with the shard locked again. lost says that the hash
// has gone meanwhile: it has expired, was evicted or flushed.
func (f *Fields) Resume() (lost bool) {
	had := f.exists
	f.e, f.exists = f.sh.Peek(f.k, f.now)
	if lost = had && !f.exists; lost {
		f.changed = false
	}
	return lost
}

// Done ends the changes: it removes a hash without fields and tells of them.
func (f *Fields) Done() {
	f.commit()
	if !f.changed || !f.exists {
		return
	}
	f.changed = false
	if f.Len() == 0 {
		f.sh.Remove(f.e)
		f.exists = false
		return
	}
	f.shrink()
	f.sh.changed(f.e.Key(), Written)
}

// expires remembers that a field of the run expires at a time.
func (f *Fields) expires(leaf int, at int64) error {
	if f.e.header&fieldsFlag == 0 {
		if !f.e.isTree() {
			if err := f.sh.splice(f.k, &f.e, 1, 0, 8); err != nil {
				return err
			}
			binary.LittleEndian.PutUint64(f.e.Value()[1:], math.MaxInt64)
		}
		f.e.header |= fieldsFlag
		f.sh.mem.Store(f.e.off, f.e.header)
		f.sh.expiry.AddHash()
	}
	if f.e.isTree() {
		l := f.tree().leaf(leaf)
		l.setEarliest(min(l.earliest(), at))
	}
	f.e.setEarliest(min(f.e.earliest(), at))
	f.sh.expiry.Expect(at)
	return nil
}
