package rdb

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"github.com/redistill-go/redistill/core/module"
)

// The encodings of a hash.
const (
	Hash           Type = 4  // fields and values as strings
	hashZiplist    Type = 13 // packed, up to Redis 6.2
	hashListpack   Type = 16 // packed, since Redis 7.0
	hashExpiry1    Type = 22 // with the fields' expiries, before Redis 7.4.0
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
type Field = module.Field

// eachField reads the value of a hash and calls visit for each field, whose
// bytes are parts of the stream's memory or of scratch. With reuse they are
// valid during the call only. Errors of visit are returned as they are.
func (c *cursor) eachField(t Type, scratch *[]byte, reuse bool, visit func(Field) error) error {
	at := c.offset()
	var base int64 // from which expiries count
	if t == HashExpiry || t == hashListpackEx {
		earliest, err := c.uint64LE()
		if err != nil {
			return err
		}
		base = int64(earliest) - 1
	}
	switch t {
	case Hash, hashExpiry1, HashExpiry:
		return c.plainFields(t != Hash, base, scratch, reuse, visit)
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
		err = packedFields(elements, t == listpackExpiry || t == hashListpackEx, scratch, visit)
	}
	if err == errPacked {
		return &Error{Offset: at, Problem: "the fields of a hash are packed wrongly", Fix: fixDamaged}
	}
	return err
}

// plainFields reads fields that are not packed.
func (c *cursor) plainFields(expiries bool, base int64, scratch *[]byte, reuse bool, visit func(Field) error) error {
	n, err := c.length()
	if err != nil {
		return err
	}
	for range n {
		var f Field
		if expiries {
			at := c.offset()
			after, err := c.length()
			if err != nil {
				return err
			}
			if after > math.MaxInt64/2 || base > math.MaxInt64/2 {
				return &Error{Offset: at, Problem: fmt.Sprintf("%d is no expiry of a field", after), Fix: fixDamaged}
			}
			if after != 0 {
				f.ExpireAt = fieldExpiry(base + int64(after))
			}
		}
		if reuse {
			*scratch = (*scratch)[:0]
		}
		if f.Name, err = c.string(scratch); err != nil {
			return err
		}
		if f.Value, err = c.string(scratch); err != nil {
			return err
		}
		if err := visit(f); err != nil {
			return err
		}
	}
	return nil
}

// fieldExpiry brings an expiry into the range that can be written again: from
// long ago to what is as good as never.
func fieldExpiry(at int64) int64 { return min(expiry(at), math.MaxInt64/2) }

// expiry maps times before 1971, which no server writes, to the earliest one
// that is not "none", so that the key counts as expired.
func expiry(ms int64) int64 { return max(ms, 1) }

// packedList is a list of strings in one block of memory.
type packedList interface {
	// next returns the next element, which is a part of the list or has been
	// appended to scratch, or ok false at the end. It fails with errPacked.
	next(scratch *[]byte) (element []byte, ok bool, err error)
}

// packedFields visits the elements as fields, values and, if there are any,
// expiries.
func packedFields(list packedList, expiries bool, scratch *[]byte, visit func(Field) error) error {
	for {
		name, ok, err := list.next(scratch)
		if err != nil || !ok {
			return err
		}
		f := Field{Name: name}
		if f.Value, ok, err = list.next(scratch); err != nil || !ok {
			return errPacked
		}
		if expiries {
			text, ok, err := list.next(scratch)
			if err != nil || !ok {
				return errPacked
			}
			at, perr := strconv.ParseInt(string(text), 10, 64)
			if perr != nil || at < 0 {
				return errPacked
			}
			if at != 0 {
				f.ExpireAt = fieldExpiry(at)
			}
		}
		if err := visit(f); err != nil {
			return err
		}
	}
}

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
