package pebble

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/redistill-go/redistill/core/module"
)

// layout is the version of the records and of the meta record. A store with
// another one is refused.
const layout = 1

// The type bytes of values.
const (
	typeString = 0
	typeHash   = 1
)

// maxRecord is how many bytes a record may have: what a table's block holds.
const maxRecord = 2 << 30

const recordPrefixSize = 1 + 4

// The bounds of the store's keys, in order.
var (
	metaKey   = []byte("m")
	recordKey = []byte("r")
	endKey    = []byte("s") // after the last record
)

var (
	errRecordShort = errors.New("a record is too short")
	errRecordLong  = errors.New("bytes follow the end of a record")
	errMetaShort   = errors.New("the meta record is too short")
)

// appendKey appends the store's key for a record in a chunk.
func appendKey(dst []byte, chunk uint32, key []byte) []byte {
	dst = append(dst, recordKey...)
	dst = binary.BigEndian.AppendUint32(dst, chunk)
	return append(dst, key...)
}

// appendValue appends the layout, the type, the expiry and the value: the bytes
// of a string, or the number of fields of a hash and, for each, the expiry, the
// length of the name, that of the value, the name and the value.
func appendValue(dst []byte, r module.Record) []byte {
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

// size is about how many bytes a record takes, and at least as many.
func size(r module.Record) int {
	n := recordPrefixSize + len(r.Key) + len(r.Value) + 3*binary.MaxVarintLen64
	for _, f := range r.Fields {
		n += len(f.Name) + len(f.Value) + 3*binary.MaxVarintLen64
	}
	return n
}

// parseRecord is the reverse of appendKey and appendValue; the record points
// into key and value, and its fields are in *fields.
func parseRecord(key, value []byte, fields *[]module.Field) (module.Record, error) {
	if len(key) < recordPrefixSize || len(value) < 3 {
		return module.Record{}, errRecordShort
	}
	r := module.Record{Key: key[recordPrefixSize:]}
	if value[0] != layout {
		return r, fmt.Errorf("key %.64q has record layout %d, and this version reads layout %d", r.Key, value[0], layout)
	}
	if value[1] > typeHash {
		return r, fmt.Errorf("key %.64q has value type %d, which this version does not know", r.Key, value[1])
	}
	expireAt, n := binary.Varint(value[2:])
	if n <= 0 {
		return r, errRecordShort
	}
	r.ExpireAt, r.Value = expireAt, value[2+n:]
	if value[1] == typeHash {
		var err error
		*fields, err = parseFields((*fields)[:0], r.Value)
		r.Value, r.Fields = nil, *fields
		return r, err
	}
	return r, nil
}

// parseFields appends the fields of a hash to list, which is not nil.
func parseFields(list []module.Field, p []byte) ([]module.Field, error) {
	count, n := binary.Uvarint(p)
	if n <= 0 {
		return list, errRecordShort
	}
	p = p[n:]
	for range count {
		expireAt, n := binary.Varint(p)
		if n <= 0 {
			return list, errRecordShort
		}
		p = p[n:]
		var length [2]int
		for i := range length {
			v, n := binary.Uvarint(p)
			if n <= 0 || v > maxRecord {
				return list, errRecordShort
			}
			length[i], p = int(v), p[n:]
		}
		end := length[0] + length[1]
		if end > len(p) {
			return list, errRecordShort
		}
		list = append(list, module.Field{Name: p[:length[0]:length[0]], Value: p[length[0]:end:end], ExpireAt: expireAt})
		p = p[end:]
	}
	if len(p) > 0 {
		return list, errRecordLong
	}
	return list, nil
}

// meta says what the snapshot must hold.
type meta struct {
	keys  uint64
	bytes uint64 // the size of its tables on disk
}

func (m meta) encode() []byte {
	return binary.AppendUvarint(binary.AppendUvarint([]byte{layout}, m.keys), m.bytes)
}

func parseMeta(p []byte) (m meta, err error) {
	if len(p) == 0 {
		return m, errMetaShort
	}
	if p[0] != layout {
		return m, fmt.Errorf("the snapshot has layout %d, and this version reads layout %d", p[0], layout)
	}
	for _, field := range []*uint64{&m.keys, &m.bytes} {
		v, n := binary.Uvarint(p[1:])
		if n <= 0 {
			return m, errMetaShort
		}
		*field, p = v, p[n:]
	}
	return m, nil
}
