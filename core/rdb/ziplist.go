package rdb

import "encoding/binary"

// ziplist reads the packed list of Redis up to 6.2: its length in bytes (4),
// the place of its last element (4), its length in elements (2), elements that
// begin with the length of the one before, and a byte 0xFF.
type ziplist struct {
	p     []byte
	at    int // of the next element
	last  int // of the last one so far
	count int // that it claims
	seen  int
}

const ziplistHead = 10

func newZiplist(p []byte) (*ziplist, error) {
	if len(p) < ziplistHead+1 || uint64(binary.LittleEndian.Uint32(p)) != uint64(len(p)) || p[len(p)-1] != packedEnd {
		return nil, errPacked
	}
	return &ziplist{p: p, at: ziplistHead, last: ziplistHead, count: int(binary.LittleEndian.Uint16(p[8:]))}, nil
}

func (z *ziplist) next() (element, bool, error) {
	p := z.p[z.at:]
	if p[0] == packedEnd {
		if len(p) > 1 || uint64(binary.LittleEndian.Uint32(z.p[4:])) != uint64(z.last) || z.count != uncounted && z.count != z.seen {
			return element{}, false, errPacked
		}
		return element{}, false, nil
	}
	before, previous := 1, int(p[0])
	if p[0] == 0xFE {
		if len(p) < 5 {
			return element{}, false, errPacked
		}
		before, previous = 5, int(binary.LittleEndian.Uint32(p[1:]))
	}
	if previous != z.at-z.last || len(p) == before {
		return element{}, false, errPacked
	}
	s := p[before:]
	var head, body int
	e := element{isText: true}
	switch b := s[0]; {
	case b < 0x40:
		head, body = 1, int(b)
	case b < 0x80 && len(s) > 1:
		head, body = 2, int(b&0x3F)<<8|int(s[1])
	case b >= 0x80 && b < 0xC0 && len(s) > 4:
		head, body = 5, int(binary.BigEndian.Uint32(s[1:]))
	case b >= 0xC0:
		e.isText = false
		head = 1 + ziplistWidth(b)
	}
	if head == 0 || head+body >= len(s) {
		return element{}, false, errPacked
	}
	switch {
	case e.isText:
		e.text = s[head : head+body]
	case head > 1:
		e.number = littleInt(s[1:head])
	default:
		e.number = int64(s[0]&0x0F) - 1
	}
	z.last = z.at
	z.at += before + head + body
	z.seen++
	return e, true, nil
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
