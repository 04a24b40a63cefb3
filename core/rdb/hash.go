package rdb

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
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
type Field struct {
	Name, Value []byte
	// ExpireAt is in milliseconds since the Unix epoch; 0: none.
	ExpireAt int64
}

// eachField reads the value of a hash and calls visit for each field, whose bytes
// are valid during the call. Errors of visit are returned as they are.
func (d *Decoder) eachField(t Type, visit func(Field) error) error {
	at := d.in.offset()
	var base int64 // from which expiries count
	if t == HashExpiry || t == hashListpackEx {
		earliest, err := d.in.uint64LE()
		if err != nil {
			return err
		}
		base = int64(earliest) - 1
	}
	switch t {
	case Hash, hashExpiry1, HashExpiry:
		return d.plainFields(t != Hash, base, visit)
	}
	packed, err := d.string(d.value[:0])
	d.value = packed
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
		err = packedFields(elements, t == listpackExpiry || t == hashListpackEx, visit)
	}
	if err == errPacked {
		return &Error{Offset: at, Problem: "the fields of a hash are packed wrongly", Fix: fixDamaged}
	}
	return err
}

// fieldSpan is a field in Decoder.hash.
type fieldSpan struct {
	name, value int // lengths
	expireAt    int64
}

// allFields reads the value of a hash whole.
func (d *Decoder) allFields(t Type) ([]Field, error) {
	d.hash, d.spans, d.list = d.hash[:0], d.spans[:0], d.list[:0]
	err := d.eachField(t, func(f Field) error {
		d.hash = append(append(d.hash, f.Name...), f.Value...)
		d.spans = append(d.spans, fieldSpan{len(f.Name), len(f.Value), f.ExpireAt})
		return nil
	})
	if err != nil {
		return nil, err
	}
	if d.list == nil {
		d.list = []Field{}
	}
	rest := d.hash
	for _, s := range d.spans {
		d.list = append(d.list, Field{rest[:s.name:s.name], rest[s.name : s.name+s.value : s.name+s.value], s.expireAt})
		rest = rest[s.name+s.value:]
	}
	return d.list, nil
}

// plainFields reads fields that are not packed.
func (d *Decoder) plainFields(expiries bool, base int64, visit func(Field) error) error {
	n, err := d.length()
	if err != nil {
		return err
	}
	for range n {
		var f Field
		if expiries {
			at := d.in.offset()
			after, err := d.length()
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
		if d.scratch, err = d.string(d.scratch[:0]); err != nil {
			return err
		}
		if d.value, err = d.string(d.value[:0]); err != nil {
			return err
		}
		f.Name, f.Value = d.scratch, d.value
		if err := visit(f); err != nil {
			return err
		}
	}
	return nil
}

// fieldExpiry brings an expiry into the range that can be written again: from
// long ago to what is as good as never.
func fieldExpiry(at int64) int64 { return min(expiry(at), math.MaxInt64/2) }

// packedList is a list of strings in one block of memory.
type packedList interface {
	// next returns the next element, which is valid until scratch is used
	// again, or ok false at the end. It fails with errPacked.
	next(scratch *[]byte) (element []byte, ok bool, err error)
}

// packedFields visits the elements as fields, values and, if there are any,
// expiries.
func packedFields(list packedList, expiries bool, visit func(Field) error) error {
	var scratch [3][]byte // numbers become text here
	for {
		name, ok, err := list.next(&scratch[0])
		if err != nil || !ok {
			return err
		}
		f := Field{Name: name}
		if f.Value, ok, err = list.next(&scratch[1]); err != nil || !ok {
			return errPacked
		}
		if expiries {
			text, ok, err := list.next(&scratch[2])
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

// WriteHash writes a key with a hash, whose fields are each at most MaxString
// bytes. expireAt is in milliseconds since the Unix epoch; 0: none. If fields
// expire, only Redis since 7.4 reads the file.
func (e *Encoder) WriteHash(key []byte, fields []Field, expireAt int64) error {
	if e.err != nil {
		return e.err
	}
	earliest := int64(0)
	longest := len(key)
	for _, f := range fields {
		longest = max(longest, len(f.Name), len(f.Value))
		if f.ExpireAt != 0 && (earliest == 0 || f.ExpireAt < earliest) {
			earliest = f.ExpireAt
		}
	}
	if longest > MaxString {
		e.err = fmt.Errorf("hash %s: the %d bytes of the key or of a field are more than the limit of %d", quote(key), longest, MaxString)
		return e.err
	}
	e.expiry(expireAt)
	if earliest == 0 {
		e.byte(byte(Hash))
	} else {
		e.byte(byte(HashExpiry))
	}
	e.string(key)
	if earliest != 0 {
		e.room(8)
		e.buf = binary.LittleEndian.AppendUint64(e.buf, uint64(earliest))
	}
	e.length(uint64(len(fields)))
	for _, f := range fields {
		if earliest != 0 {
			e.length(after(f.ExpireAt, earliest))
		}
		e.string(f.Name)
		e.string(f.Value)
	}
	return e.err
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
