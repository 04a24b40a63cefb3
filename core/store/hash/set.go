package hash

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/redistill-go/redistill/core/store/arena"
)

// KeepExpiry as an expiry leaves that of the field as it is.
const KeepExpiry = -1

// MaxLength is the most bytes that a field or a value can have.
const MaxLength = 1<<32 - 1

// ErrTooLong says that something is longer than MaxLength.
var ErrTooLong = errors.New("too long")

// Set gives a field a value. expireAt is in ms since the Unix epoch, 0 for
// never, or KeepExpiry. created says that the field was not there.
// Errors wrap ErrNoMemory; the hash is then as it was.
func (f *Hash) Set(field, value []byte, expireAt int64) (created bool, err error) {
	if len(field) > MaxLength || len(value) > MaxLength {
		return false, fmt.Errorf("hash: %w: a field of %d and a value of %d bytes", ErrTooLong, len(field), len(value))
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
		return false, fmt.Errorf("hash: %w", err)
	}
	f.changed = true
	return !live, f.grow(leaf, field, max(len(field), len(value)))
}

// put writes a field over the one that was found, or at the end.
func (f *Hash) put(old packed, leaf int, found bool, field, value []byte, at int64) error {
	f.preserve(leaf)
	if err := f.save(leaf); err != nil {
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
		if ref, err = f.place(value); err != nil {
			return err
		}
	}
	off := len(f.run(leaf))
	if found {
		off = old.off
	}
	b, err := f.splice(leaf, off, old.size, packSize(len(field), len(value), at != 0))
	if err != nil {
		if ref != 0 {
			f.m.freeOutside(ref, len(value))
		}
		return err
	}
	copy(packHead(b[off:], field, len(value), uint64(ref), at), value)
	f.addValue(ref, len(value))
	f.dropValue(old)
	if f.v.Large() {
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

// preserve keeps what readers and a view have still to see of the leaf at place i, or
// of the pack, which is about to be changed.
func (f *Hash) preserve(i int) {
	if f.log != nil && f.log.replaced {
		return // nobody has still to see what is new
	}
	if f.v.Large() && f.tree().frozen() {
		f.m.freezeOf(f.at.Key).keep(f.tree(), i)
	}
	if f.m.Viewed {
		f.m.home.Preserve(f.at, f.v, i)
	}
}

// run is the pack that a field is in.
func (f *Hash) run(leaf int) []byte {
	if f.v.Large() {
		return f.tree().leaf(leaf).pack()
	}
	return f.pack()
}

// splice changes the length of a piece of the run, moving what is behind it.
func (f *Hash) splice(leaf, off, oldSize, newSize int) ([]byte, error) {
	if f.v.Large() {
		return f.tree().splice(leaf, off, oldSize, newSize)
	}
	if err := f.resize(f.v.head()+off, oldSize, newSize); err != nil {
		return nil, err
	}
	return f.pack(), nil
}

// resize changes the length of a piece of a small hash's value.
func (f *Hash) resize(off, oldSize, newSize int) error {
	at, b, err := f.m.home.Splice(f.at, off, oldSize, newSize)
	if err != nil {
		return err
	}
	f.at, f.v.Bytes = at, b
	return nil
}

func (f *Hash) addCount(leaf, n int) {
	if f.v.Large() {
		t := f.tree()
		l := t.leaf(leaf)
		l.setCount(l.count() + n)
		t.addCount(n)
		return
	}
	f.v.Bytes[0] += byte(n)
}

// Delete removes a field and says whether it was there.
func (f *Hash) Delete(field []byte) bool {
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
func (f *Hash) cut(p packed, leaf int) {
	f.preserve(leaf)
	f.close(leaf, p.off, p.size)
	f.m.freeValue(p)
	if f.v.Large() {
		f.tree().addBytes(-blockSize(p.ref, p.length))
	}
	f.addCount(leaf, -1)
}

// close takes n bytes out of the run. Where there is no memory for a smaller
// block, it leaves a gap.
func (f *Hash) close(leaf, off, n int) {
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
func (f *Hash) SetExpiry(field []byte, at int64) (bool, error) {
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
	f.preserve(leaf)
	if err := f.save(leaf); err != nil {
		return true, fmt.Errorf("hash: %w", err)
	}
	if at != 0 {
		if err := f.expires(leaf, at); err != nil {
			return true, fmt.Errorf("hash: %w", err)
		}
	}
	if !p.timed {
		b, err := f.splice(leaf, p.off, 0, 9)
		if err != nil {
			return true, fmt.Errorf("hash: %w", err)
		}
		b[p.off] = packMarker
	}
	binary.LittleEndian.PutUint64(f.run(leaf)[p.off+1:], uint64(at))
	f.changed = true
	return true, f.grow(leaf, field, 0)
}

// Persist makes a field not expire. Unlike SetExpiry it can't fail.
func (f *Hash) Persist(field []byte) {
	if !f.exists {
		return
	}
	if p, leaf, ok := f.find(field); ok && p.at != 0 && !f.gone(p) {
		f.preserve(leaf)
		binary.LittleEndian.PutUint64(f.run(leaf)[p.off+1:], 0)
		f.changed = true
	}
}

// expires remembers that a field of the run expires at a time.
func (f *Hash) expires(leaf int, at int64) error {
	first := f.v.Form&Timed == 0
	if first {
		if !f.v.Large() {
			if err := f.resize(1, 0, 8); err != nil {
				return err
			}
			binary.LittleEndian.PutUint64(f.v.Bytes[1:], math.MaxInt64)
		}
		f.v.Form |= Timed
	}
	if f.v.Large() {
		l := f.tree().leaf(leaf)
		l.setEarliest(min(l.earliest(), at))
	}
	f.v.setEarliest(min(f.v.Earliest(), at))
	f.m.home.Expires(f.at, first, at)
	return nil
}
