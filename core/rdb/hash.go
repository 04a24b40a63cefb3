package rdb

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/redistill-go/redistill/core/snapshot"
)

// The encodings of a hash.
const (
	Hash           Type = 4  // fields and values as strings
	hashZiplist    Type = 13 // packed, up to Redis 6.2
	hashListpack   Type = 16 // packed, since Redis 7.0
	hashExpiry1    Type = 22 // with the fields' expiries, before Redis 7.4.0
	hashValkey     Type = 22 // with the fields' expiries, in Valkey
	listpackExpiry Type = 23 // packed with the fields' expiries, before Redis 7.4.0
	HashExpiry     Type = 24 // with the fields' expiries
	hashListpackEx Type = 25 // packed with the fields' expiries
)

// IsHash says whether the value is a hash in an encoding that this package
// reads.
func (t Type) IsHash() bool {
	switch t {
	case Hash, hashZiplist, hashListpack, hashExpiry1, listpackExpiry, HashExpiry, hashListpackEx:
		return true
	}
	return false
}

// Field is one field of a hash.
type Field = snapshot.Field

// maxFieldExpiry is Redis's limit for the expiry of a field, in milliseconds.
const maxFieldExpiry = 1<<48 - 2

// eachField reads the value of a hash and calls visit for each field, whose
// bytes are parts of the stream's memory or of scratch. With reuse they are
// valid during the call only. A field that comes twice is an error, unless seen
// is nil. Errors of visit are returned as they are.
func (c *cursor) eachField(t Type, scratch *[]byte, seen *names, reuse bool, visit func(Field) error) error {
	at := c.offset()
	once := visit
	if seen != nil {
		seen.reset()
		once = func(f Field) error {
			if !seen.add(f.Name) {
				return &Error{Offset: at, Problem: fmt.Sprintf("a hash has the field %s twice", quote(f.Name)), Fix: fixDamaged}
			}
			return visit(f)
		}
	}
	var base int64 // from which expiries count
	if t == HashExpiry || t == hashListpackEx {
		earliest, err := c.uint64LE()
		if err != nil {
			return err
		}
		if t == HashExpiry && earliest > maxFieldExpiry {
			return &Error{Offset: at, Problem: fmt.Sprintf("%d is no expiry of a field", earliest), Fix: fixDamaged}
		}
		base = int64(earliest) - 1
	}
	switch {
	case t == Hash:
		return c.plainFields(nil, scratch, reuse, once)
	case t == hashValkey && c.format.asValkey():
		return c.valkeyFields(scratch, reuse, once)
	case t == hashExpiry1:
		return c.plainFields(new(int64), scratch, reuse, once)
	case t == HashExpiry:
		return c.plainFields(&base, scratch, reuse, once)
	}
	packed, err := c.string(scratch)
	if err != nil {
		return err
	}
	var elements packedList
	if t == hashZiplist {
		elements, err = newZiplist(packed)
	} else {
		elements, err = newListpack(packed)
	}
	if err == nil {
		err = packedFields(elements, t == listpackExpiry || t == hashListpackEx, scratch, once)
	}
	if err == errPacked {
		return &Error{Offset: at, Problem: "the fields of a hash are packed wrongly", Fix: fixDamaged}
	}
	return err
}

// plainFields reads fields that are not packed. base is from when their
// expiries count, if they have any.
func (c *cursor) plainFields(base *int64, scratch *[]byte, reuse bool, visit func(Field) error) error {
	n, err := c.length()
	if err != nil {
		return err
	}
	for range n {
		var f Field
		if base != nil {
			at := c.offset()
			after, err := c.length()
			if err != nil {
				return err
			}
			if after > maxFieldExpiry || *base+int64(after) > maxFieldExpiry {
				return &Error{Offset: at, Problem: fmt.Sprintf("%d is no expiry of a field", after), Fix: fixDamaged}
			}
			if after != 0 {
				f.ExpireAt = max(*base+int64(after), 0)
			}
		}
		if err := c.nameAndValue(&f, scratch, reuse); err != nil {
			return err
		}
		if err := visit(f); err != nil {
			return err
		}
	}
	return nil
}

// valkeyFields reads fields that are each followed by its expiry, in
// milliseconds since the Unix epoch; -1 is none.
func (c *cursor) valkeyFields(scratch *[]byte, reuse bool, visit func(Field) error) error {
	n, err := c.length()
	if err != nil {
		return err
	}
	for range n {
		var f Field
		if err := c.nameAndValue(&f, scratch, reuse); err != nil {
			return err
		}
		at := c.offset()
		bits, err := c.uint64LE()
		if err != nil {
			return err
		}
		switch ms := int64(bits); {
		case ms < -1:
			return &Error{Offset: at, Problem: fmt.Sprintf("%d is no expiry of a field", ms), Fix: fixDamaged}
		case ms >= 0:
			f.ExpireAt = fieldExpiry(ms)
		}
		if err := visit(f); err != nil {
			return err
		}
	}
	return nil
}

func (c *cursor) nameAndValue(f *Field, scratch *[]byte, reuse bool) (err error) {
	if reuse {
		*scratch = (*scratch)[:0]
	}
	if f.Name, err = c.string(scratch); err != nil {
		return err
	}
	f.Value, err = c.string(scratch)
	return err
}

// fieldExpiry brings an expiry into the range that can be written again: from
// long ago to what is as good as never.
func fieldExpiry(at int64) int64 { return min(expiry(at), math.MaxInt64/2) }

// expiry maps times before 1971, which no server writes, to the earliest one
// that is not "none", so that the key counts as expired.
func expiry(ms int64) int64 { return max(ms, 1) }

// after is how an expiry is written where earliest is the first of them.
func after(at, earliest int64) uint64 {
	if at == 0 {
		return 0
	}
	return uint64(at-earliest) + 1
}

// AppendHash begins the payload of a hash of n fields at the end of dst. Each
// follows through AppendField, and then Finish. If earliest is not 0, fields
// expire, none before that time in milliseconds since the Unix epoch; only
// Redis since 7.4 takes such a payload.
func AppendHash(dst []byte, n int, earliest int64) PayloadWriter {
	w := PayloadWriter{dst: dst, start: len(dst), earliest: earliest}
	if earliest == 0 {
		w.dst = append(w.dst, byte(Hash))
	} else {
		w.dst = binary.LittleEndian.AppendUint64(append(w.dst, byte(HashExpiry)), uint64(earliest))
	}
	w.dst = appendLength(w.dst, uint64(n))
	return w
}

// PayloadWriter builds the payload of a hash.
type PayloadWriter struct {
	dst      []byte
	start    int
	earliest int64
}

// AppendField adds a field.
func (w *PayloadWriter) AppendField(f Field) {
	if w.earliest != 0 {
		w.dst = appendLength(w.dst, after(f.ExpireAt, w.earliest))
	}
	w.dst = append(appendLength(w.dst, uint64(len(f.Name))), f.Name...)
	w.dst = append(appendLength(w.dst, uint64(len(f.Value))), f.Value...)
}

// Finish ends the payload and returns it behind what was in dst.
func (w *PayloadWriter) Finish() []byte {
	version := uint16(Version)
	if w.earliest != 0 {
		version = expiryVersion
	}
	return appendFooter(w.dst, w.start, version)
}
