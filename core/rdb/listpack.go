package rdb

import (
	"encoding/binary"
	"errors"
)

// errPacked says that a packed list is damaged.
var errPacked = errors.New("packed list is damaged")

const packedEnd = 0xFF

// listpack reads Redis's packed list: its length in bytes (4) and in elements
// (2), elements that end with their own length, and a byte 0xFF.
type listpack struct{ rest []byte }

func newListpack(p []byte) (*listpack, error) {
	if len(p) < 7 || uint64(binary.LittleEndian.Uint32(p)) != uint64(len(p)) || p[len(p)-1] != packedEnd {
		return nil, errPacked
	}
	return &listpack{rest: p[6:]}, nil
}

func (l *listpack) next(scratch *[]byte) ([]byte, bool, error) {
	p := l.rest
	b := p[0]
	if b == packedEnd {
		if len(p) > 1 {
			return nil, false, errPacked
		}
		return nil, false, nil
	}
	var head, body int // bytes before the string, or of the number, and of the string
	var n int64
	text := false
	switch {
	case b < 0x80:
		head, n = 1, int64(b)
	case b < 0xC0:
		head, body, text = 1, int(b&0x3F), true
	case b < 0xE0 && len(p) > 2:
		head, n = 2, int64(int16(uint16(b)<<11|uint16(p[1])<<3)>>3)
	case b >= 0xE0 && b < 0xF0 && len(p) > 2:
		head, body, text = 2, int(b&0x0F)<<8|int(p[1]), true
	case b == 0xF0 && len(p) > 5:
		head, body, text = 5, int(binary.LittleEndian.Uint32(p[1:])), true
	case b >= 0xF1 && b <= 0xF4:
		width := [...]int{2, 3, 4, 8}[b-0xF1]
		if len(p) <= width {
			return nil, false, errPacked
		}
		head, n = 1+width, littleInt(p[1:1+width])
	default:
		return nil, false, errPacked
	}
	size := head + body
	size += backLength(size)
	if size >= len(p) {
		return nil, false, errPacked
	}
	l.rest = p[size:]
	if text {
		return p[head : head+body], true, nil
	}
	return appendNumber(scratch, n), true, nil
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

// littleInt is a signed number of one to eight bytes, the lowest first.
func littleInt(p []byte) int64 {
	var v uint64
	for i, b := range p {
		v |= uint64(b) << (8 * i)
	}
	shift := 64 - 8*len(p)
	return int64(v<<shift) >> shift
}
