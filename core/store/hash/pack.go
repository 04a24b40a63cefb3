package hash

import (
	"bytes"
	"encoding/binary"
)

// A pack is a run of hash fields, one after another in the order in which they
// were added, each
//
//	expiry?  0xff and 8 bytes: ms since the Unix epoch
//	length of the field: one byte up to 252, or 0xfe and 4 bytes
//	length of the value: one byte up to 252, or 0xfe and 4 bytes, or, for a
//	    value in a block of its own, 0xff, 4 bytes, and 8 bytes of reference
//	field, value unless it is in a block of its own
//
// so that a field of a small hash costs two bytes beside itself and its value.
// An expiry of 0 is none: it stays where it was when PERSIST clears it. Between
// fields may be bytes 0xfd, which are nothing: a field was deleted there when
// there was no memory for a smaller block.
const (
	packShort  = 252
	packEmpty  = 253
	packLong   = 254
	packMarker = 255

	// outOfLine is the length in bytes from which a value gets a block of its
	// own, so that changing a field moves little.
	outOfLine = 1 << 10
)

// packed is one field of a pack.
type packed struct {
	off, size int // its place in the pack
	field     []byte
	value     []byte // nil if the value is out of line
	length    int    // of the value
	ref       uint64 // of the block with the value; 0: it is in the pack
	timed     bool   // has room for an expiry
	at        int64  // expiry; 0: none
}

// next reads the first field at or after off; ok is false at the end.
func next(b []byte, off int) (p packed, ok bool) {
	ok = p.next(b, off)
	return p, ok
}

// next is the function of that name, for loops in which copying the field would be
// most of the work.
func (p *packed) next(b []byte, off int) bool {
	for off < len(b) && b[off] == packEmpty {
		off++
	}
	if off == len(b) {
		return false
	}
	p.unpack(b, off)
	return true
}

func (p packed) end() int { return p.off + p.size }

// unpack reads the field at off.
func unpack(b []byte, off int) (p packed) {
	p.unpack(b, off)
	return p
}

func (p *packed) unpack(b []byte, off int) {
	i := off
	p.off, p.at, p.ref, p.value = off, 0, 0, nil
	if p.timed = b[i] == packMarker; p.timed {
		p.at = int64(binary.LittleEndian.Uint64(b[i+1:]))
		i += 9
	}
	fieldLen, i := packLength(b, i)
	if b[i] == packMarker {
		p.length = int(binary.LittleEndian.Uint32(b[i+1:]))
		p.ref = binary.LittleEndian.Uint64(b[i+5:])
		i += 13
	} else {
		p.length, i = packLength(b, i)
	}
	p.field = b[i : i+fieldLen : i+fieldLen]
	i += fieldLen
	if p.ref == 0 {
		p.value = b[i : i+p.length : i+p.length]
		i += p.length
	}
	p.size = i - off
}

func packLength(b []byte, i int) (n, next int) {
	if b[i] <= packShort {
		return int(b[i]), i + 1
	}
	return int(binary.LittleEndian.Uint32(b[i+1:])), i + 5
}

// refAt is where in the field's bytes the reference to its value is.
func (p packed) refAt() int {
	n := 1 + 1 + 4
	if len(p.field) > packShort {
		n += 4
	}
	if p.timed {
		n += 9
	}
	return n
}

// packFind finds a field in a pack.
func packFind(b []byte, field []byte) (packed, bool) {
	for off := 0; off < len(b); {
		n := int(b[off])
		if n == packEmpty {
			off++
			continue
		}
		if n <= packShort && b[off+1] <= packShort {
			// Most fields, of which only the length is looked at.
			if n == len(field) && bytes.Equal(b[off+2:off+2+n], field) {
				return unpack(b, off), true
			}
			off += 2 + n + int(b[off+1])
			continue
		}
		p := unpack(b, off)
		if bytes.Equal(p.field, field) {
			return p, true
		}
		off += p.size
	}
	return packed{}, false
}

// packSize is the size of a field in a pack.
func packSize(fieldLen, valueLen int, expires bool) int {
	n := fieldLen + 1
	if fieldLen > packShort {
		n += 4
	}
	switch {
	case valueLen >= outOfLine:
		n += 13
	case valueLen > packShort:
		n += 5 + valueLen
	default:
		n += 1 + valueLen
	}
	if expires {
		n += 9
	}
	return n
}

// packHead writes all of a field up to its value, and returns the place of the
// value if it is not out of line.
func packHead(b []byte, field []byte, valueLen int, ref uint64, at int64) []byte {
	i := 0
	if at != 0 {
		b[0] = packMarker
		binary.LittleEndian.PutUint64(b[1:], uint64(at))
		i = 9
	}
	i = putPackLength(b, i, len(field))
	if ref != 0 {
		b[i] = packMarker
		binary.LittleEndian.PutUint32(b[i+1:], uint32(valueLen))
		binary.LittleEndian.PutUint64(b[i+5:], ref)
		i += 13
	} else {
		i = putPackLength(b, i, valueLen)
	}
	i += copy(b[i:], field)
	if ref != 0 {
		return nil
	}
	return b[i : i+valueLen]
}

func putPackLength(b []byte, i, n int) int {
	if n <= packShort {
		b[i] = byte(n)
		return i + 1
	}
	b[i] = packLong
	binary.LittleEndian.PutUint32(b[i+1:], uint32(n))
	return i + 5
}
