package pebble

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/redistill-go/redistill/core/snapshot"
)

// layout is the version of everything that this package keeps in the store,
// from the keys to the values of rows. A store with another one is refused.
const layout = 2

// The type bytes of values.
const (
	typeString    = 0
	typeHash      = 1
	typeTombstone = 2 // the key is gone
)

// maxRecord is how many bytes a record may have: what a table's block holds.
const maxRecord = 2 << 30

var (
	errRowShort = errors.New("a row is too short")
	errRowLong  = errors.New("bytes follow the end of a row")
)

// tombstone is the value of a row that says that its key is gone.
var tombstone = []byte{layout, typeTombstone, 0}

// appendValue appends the layout, the type, the expiry and the value: the bytes
// of a string, or the number of fields of a hash and, for each, the expiry, the
// length of the name, that of the value, the name and the value.
func appendValue(dst []byte, r snapshot.Record) []byte {
	if r.Fields == nil {
		dst = append(dst, layout, typeString)
		dst = binary.AppendVarint(dst, r.ExpireAt)
		return append(dst, r.Value...)
	}
	dst = append(dst, layout, typeHash)
	dst = binary.AppendVarint(dst, r.ExpireAt)
	dst = binary.AppendUvarint(dst, uint64(len(r.Fields)))
	for _, f := range r.Fields {
		dst = binary.AppendVarint(dst, f.ExpireAt)
		dst = binary.AppendUvarint(dst, uint64(len(f.Name)))
		dst = binary.AppendUvarint(dst, uint64(len(f.Value)))
		dst = append(append(dst, f.Name...), f.Value...)
	}
	return dst
}

// valueSize is how many bytes appendValue appends at most.
func valueSize(r snapshot.Record) int {
	n := len(r.Value) + 2 + 2*binary.MaxVarintLen64
	for _, f := range r.Fields {
		n += len(f.Name) + len(f.Value) + 3*binary.MaxVarintLen64
	}
	return n
}

// parseHead reads what values of all types begin with; rest is what follows.
func parseHead(value []byte) (kind byte, expireAt int64, rest []byte, err error) {
	if len(value) < 3 {
		return 0, 0, nil, errRowShort
	}
	if value[0] != layout {
		return 0, 0, nil, fmt.Errorf("a row has layout %d, and this version reads layout %d", value[0], layout)
	}
	if value[1] > typeTombstone {
		return 0, 0, nil, fmt.Errorf("a row has value type %d, which this version does not know", value[1])
	}
	expireAt, n := binary.Varint(value[2:])
	if n <= 0 {
		return 0, 0, nil, errRowShort
	}
	return value[1], expireAt, value[2+n:], nil
}

// parseRecord is the reverse of appendValue; the record points into key and
// value, and its fields are in *fields. There is none for a tombstone.
func parseRecord(key, value []byte, fields *[]snapshot.Field) (r snapshot.Record, ok bool, err error) {
	kind, expireAt, rest, err := parseHead(value)
	if err != nil {
		return r, false, fmt.Errorf("key %.64q: %w", key, err)
	}
	r = snapshot.Record{Key: key, ExpireAt: expireAt}
	switch kind {
	case typeString:
		r.Value = rest
	case typeHash:
		*fields, err = parseFields((*fields)[:0], rest)
		if err != nil {
			return r, false, fmt.Errorf("key %.64q: %w", key, err)
		}
		r.Fields = *fields
	default:
		return r, false, nil
	}
	return r, true, nil
}

// parseFields appends the fields of a hash to list, which is not nil.
func parseFields(list []snapshot.Field, p []byte) ([]snapshot.Field, error) {
	count, n := binary.Uvarint(p)
	if n <= 0 {
		return list, errRowShort
	}
	p = p[n:]
	for range count {
		expireAt, n := binary.Varint(p)
		if n <= 0 {
			return list, errRowShort
		}
		p = p[n:]
		var length [2]int
		for i := range length {
			v, n := binary.Uvarint(p)
			if n <= 0 || v > maxRecord {
				return list, errRowShort
			}
			length[i], p = int(v), p[n:]
		}
		end := length[0] + length[1]
		if end > len(p) {
			return list, errRowShort
		}
		list = append(list, snapshot.Field{Name: p[:length[0]:length[0]], Value: p[length[0]:end:end], ExpireAt: expireAt})
		p = p[end:]
	}
	if len(p) > 0 {
		return list, errRowLong
	}
	return list, nil
}

// header is the last row of a generation.
type header struct {
	// full: the generation has everything, and each key once.
	full bool
	rows uint64 // of all chunks
	// recorded: the commit of the generation is followed by a state. Versions of
	// this server that did not keep any leave it out, and pass it over.
	recorded bool
}

func (h header) encode() []byte {
	p := binary.AppendUvarint([]byte{layout, flag(h.full)}, h.rows)
	return append(p, flag(h.recorded))
}

func flag(set bool) byte {
	if set {
		return 1
	}
	return 0
}

func parseHeader(p []byte) (h header, err error) {
	if len(p) < 3 || p[0] != layout || p[1] > 1 {
		return h, errors.New("the header of a generation makes no sense")
	}
	rows, n := binary.Uvarint(p[2:])
	if n <= 0 {
		return h, errRowShort
	}
	rest := p[2+n:]
	return header{full: p[1] == 1, rows: rows, recorded: len(rest) > 0 && rest[0] == 1}, nil
}
