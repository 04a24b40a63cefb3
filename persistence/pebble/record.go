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

// typeString is the type byte of a string value; other types come later.
const typeString = 0

const recordPrefixSize = 1 + 4

// The bounds of the store's keys, in order.
var (
	metaKey   = []byte("m")
	recordKey = []byte("r")
	endKey    = []byte("s") // after the last record
)

var (
	errRecordShort = errors.New("a record is too short")
	errMetaShort   = errors.New("the meta record is too short")
)

// appendKey appends the store's key for a record in a chunk.
func appendKey(dst []byte, chunk uint32, key []byte) []byte {
	dst = append(dst, recordKey...)
	dst = binary.BigEndian.AppendUint32(dst, chunk)
	return append(dst, key...)
}

// appendValue appends the layout, the type, the expiry and the value.
func appendValue(dst []byte, r module.Record) []byte {
	dst = append(dst, layout, typeString)
	dst = binary.AppendVarint(dst, r.ExpireAt)
	return append(dst, r.Value...)
}

// parseRecord is the reverse of appendKey and appendValue; the record points
// into key and value.
func parseRecord(key, value []byte) (module.Record, error) {
	if len(key) < recordPrefixSize || len(value) < 3 {
		return module.Record{}, errRecordShort
	}
	r := module.Record{Key: key[recordPrefixSize:]}
	if value[0] != layout {
		return r, fmt.Errorf("key %.64q has record layout %d, and this version reads layout %d", r.Key, value[0], layout)
	}
	if value[1] != typeString {
		return r, fmt.Errorf("key %.64q has value type %d, which this version does not know", r.Key, value[1])
	}
	expireAt, n := binary.Varint(value[2:])
	if n <= 0 {
		return r, errRecordShort
	}
	r.ExpireAt, r.Value = expireAt, value[2+n:]
	return r, nil
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
