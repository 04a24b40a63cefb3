package rdb

import "encoding/binary"

// listpack reads Redis's packed list: its length in bytes (4) and in elements
// (2), elements that end with their own length, and a byte 0xFF.
type listpack struct {
	rest  []byte
	count int // that it claims
	seen  int
}

func newListpack(p []byte) (*listpack, error) {
	if len(p) < 7 || uint64(binary.LittleEndian.Uint32(p)) != uint64(len(p)) || p[len(p)-1] != packedEnd {
		return nil, errPacked
	}
	return &listpack{rest: p[6:], count: int(binary.LittleEndian.Uint16(p[4:]))}, nil
}

func (l *listpack) next() (element, bool, error) {
	p := l.rest
	b := p[0]
	if b == packedEnd {
		if len(p) > 1 || l.count != uncounted && l.count != l.seen {
			return element{}, false, errPacked
		}
		return element{}, false, nil
	}
	var head, body int // bytes before the string, or of the number, and of the string
	var e element
	switch {
	case b < 0x80:
		head, e.number = 1, int64(b)
	case b < 0xC0:
		head, body, e.isText = 1, int(b&0x3F), true
	case b < 0xE0 && len(p) > 2:
		head, e.number = 2, int64(int16(uint16(b)<<11|uint16(p[1])<<3)>>3)
	case b >= 0xE0 && b < 0xF0 && len(p) > 2:
		head, body, e.isText = 2, int(b&0x0F)<<8|int(p[1]), true
	case b == 0xF0 && len(p) > 5:
		head, body, e.isText = 5, int(binary.LittleEndian.Uint32(p[1:])), true
	case b >= 0xF1 && b <= 0xF4:
		width := [...]int{2, 3, 4, 8}[b-0xF1]
		if len(p) <= width {
			return element{}, false, errPacked
		}
		head, e.number = 1+width, littleInt(p[1:1+width])
	default:
		return element{}, false, errPacked
	}
	size := head + body
	back := backLength(size)
	if size+back >= len(p) || !isBackLength(p[size:size+back], size) {
		return element{}, false, errPacked
	}
	if e.isText {
		e.text = p[head:size]
	}
	l.rest = p[size+back:]
	l.seen++
	return e, true, nil
}

// backLength is how many bytes the length of an element of n bytes takes.
func backLength(n int) int {
	switch {
	case n < 1<<7:
		return 1
	case n < 1<<14-1:
		return 2
	case n < 1<<21-1:
		return 3
	case n < 1<<28-1:
		return 4
	default:
		return 5
	}
}

// isBackLength says whether p is the length n: seven bits in a byte, the lowest
// in the last one, and all but the first have the highest bit set.
func isBackLength(p []byte, n int) bool {
	for i := len(p) - 1; i >= 0; i-- {
		want := byte(n & 0x7F)
		if i > 0 {
			want |= 0x80
		}
		if p[i] != want {
			return false
		}
		n >>= 7
	}
	return true
}
