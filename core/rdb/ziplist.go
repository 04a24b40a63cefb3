package rdb

import "encoding/binary"

// ziplist reads the packed list of Redis up to 6.2: its length in bytes (4),
// the place of its last element (4), its length in elements (2), elements that
// begin with the length of the one before, and a byte 0xFF.
type ziplist struct{ rest []byte }

func newZiplist(p []byte) (*ziplist, error) {
	if len(p) < 11 || uint64(binary.LittleEndian.Uint32(p)) != uint64(len(p)) || p[len(p)-1] != packedEnd {
		return nil, errPacked
	}
	return &ziplist{rest: p[10:]}, nil
}

func (z *ziplist) next(scratch *[]byte) ([]byte, bool, error) {
	p := z.rest
	if p[0] == packedEnd {
		if len(p) > 1 {
			return nil, false, errPacked
		}
		return nil, false, nil
	}
	before := 1
	if p[0] == 0xFE {
		before = 5
	}
	if len(p) <= before+5 { // an element of one byte may end the list
		p = append(append([]byte(nil), p...), 0, 0, 0, 0, 0)
	}
	e := p[before:]
	var head, body int
	text := true
	switch b := e[0]; {
	case b < 0x40:
		head, body = 1, int(b)
	case b < 0x80:
		head, body = 2, int(b&0x3F)<<8|int(e[1])
	case b == 0x80:
		head, body = 5, int(binary.BigEndian.Uint32(e[1:]))
	default:
		text = false
		head = 1 + ziplistWidth(b)
	}
	size := before + head + body
	if size >= len(z.rest) || head == 0 {
		return nil, false, errPacked
	}
	z.rest = z.rest[size:]
	if text {
		return e[head : head+body], true, nil
	}
	n := int64(e[0]&0x0F) - 1
	if head > 1 {
		n = littleInt(e[1:head])
	}
	return appendNumber(scratch, n), true, nil
}

// ziplistWidth is how many bytes follow the mark of a number; -1: it is none.
func ziplistWidth(b byte) int {
	switch b {
	case 0xC0:
		return 2
	case 0xD0:
		return 4
	case 0xE0:
		return 8
	case 0xF0:
		return 3
	case 0xFE:
		return 1
	}
	if b > 0xF0 && b < 0xFE {
		return 0
	}
	return -1
}
