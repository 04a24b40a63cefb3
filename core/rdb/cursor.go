package rdb

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// errMore says that the bytes end before what is read does.
var errMore = errors.New("bytes are missing")

// cursor reads a part of a stream that is in memory.
type cursor struct {
	p   []byte
	pos int
	at  int64 // where in the stream p begins

	format  format
	decoded int64 // bytes of the strings so far, decoded
}

func (c *cursor) offset() int64 { return c.at + int64(c.pos) }

func (c *cursor) byte() (byte, error) {
	if c.pos >= len(c.p) {
		return 0, errMore
	}
	b := c.p[c.pos]
	c.pos++
	return b, nil
}

// take consumes n bytes.
func (c *cursor) take(n int) ([]byte, error) {
	if n > len(c.p)-c.pos {
		return nil, errMore
	}
	p := c.p[c.pos : c.pos+n : c.pos+n]
	c.pos += n
	return p, nil
}

func (c *cursor) uint64LE() (uint64, error) {
	p, err := c.take(8)
	if err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint64(p), nil
}

// prefix reads the length or the special encoding that a string starts with.
func (c *cursor) prefix() (n uint64, encoded bool, err error) {
	b, err := c.byte()
	if err != nil {
		return 0, false, err
	}
	switch b & 0xC0 {
	case len6Bit:
		return uint64(b & 0x3F), false, nil
	case len14Bit:
		low, err := c.byte()
		return uint64(b&0x3F)<<8 | uint64(low), false, err
	case lenEncoded:
		return uint64(b & 0x3F), true, nil
	}
	switch b {
	case len32Bit:
		p, err := c.take(4)
		if err != nil {
			return 0, false, err
		}
		return uint64(binary.BigEndian.Uint32(p)), false, nil
	case len64Bit:
		p, err := c.take(8)
		if err != nil {
			return 0, false, err
		}
		return binary.BigEndian.Uint64(p), false, nil
	}
	return 0, false, &Error{Offset: c.offset() - 1, Problem: fmt.Sprintf("byte 0x%02x does not start a length", b), Fix: fixDamaged}
}

// length reads a number that can't be a string in a special encoding.
func (c *cursor) length() (uint64, error) {
	at := c.offset()
	n, encoded, err := c.prefix()
	if err == nil && encoded {
		err = &Error{Offset: at, Problem: "a string stands where a number should", Fix: fixDamaged}
	}
	return n, err
}

// size reads the length of a string.
func (c *cursor) size() (int, error) {
	at := c.offset()
	n, err := c.length()
	if err != nil {
		return 0, err
	}
	return limited(n, at)
}

func limited(n uint64, at int64) (int, error) {
	if n > MaxString {
		return 0, &Error{Offset: at, Problem: fmt.Sprintf("a string of %d bytes is longer than the limit of %d", n, MaxString), Fix: fixDamaged}
	}
	return int(n), nil
}

// span is a string as it stands in the stream.
type span struct {
	at       int64  // where it begins
	body     []byte // without what tells its length and encoding
	encoding int    // -1: none
	size     int    // in bytes, if encoding is encLZF
}

// span reads a string in any encoding, and decodes nothing.
func (c *cursor) span() (span, error) {
	s := span{at: c.offset(), encoding: -1}
	n, encoded, err := c.prefix()
	if err != nil {
		return s, err
	}
	size := 0
	switch {
	case !encoded:
		size, err = limited(n, s.at)
	case n == encLZF:
		s.encoding = encLZF
		if size, err = c.size(); err == nil {
			s.size, err = c.size()
		}
		if err == nil && s.size > size*lzfMaxRatio {
			err = &Error{Offset: s.at, Problem: fmt.Sprintf("%d compressed bytes can't stand for %d", size, s.size), Fix: fixDamaged}
		}
	case n <= encInt32:
		s.encoding, size = int(n), 1<<n
	default:
		err = &Error{Offset: s.at, Problem: fmt.Sprintf("string encoding %d does not exist", n), Fix: fixDamaged}
	}
	if err == nil {
		s.body, err = c.take(size)
	}
	c.decoded += int64(max(size, s.size))
	return s, err
}

// skipStrings passes n strings.
func (c *cursor) skipStrings(n uint64) error {
	for ; n > 0; n-- {
		if _, err := c.span(); err != nil {
			return err
		}
	}
	return nil
}

func (c *cursor) skipLengths(n int) error {
	for range n {
		if _, err := c.length(); err != nil {
			return err
		}
	}
	return nil
}

// string reads a string in any encoding. It is a part of the stream's memory
// or, if it had to be decoded, has been appended to scratch.
func (c *cursor) string(scratch *[]byte) ([]byte, error) {
	s, err := c.span()
	if err != nil {
		return nil, err
	}
	return s.decode(scratch)
}

// decode is the string: see cursor.string.
func (s span) decode(scratch *[]byte) ([]byte, error) {
	switch {
	case s.encoding < 0:
		return s.body, nil
	case s.encoding != encLZF:
		return appendNumber(scratch, littleInt(s.body)), nil
	}
	start, end := len(*scratch), len(*scratch)+s.size
	*scratch = slices.Grow(*scratch, s.size)[:end]
	out := (*scratch)[start:end:end]
	if err := s.unpack(out); err != nil {
		return nil, err
	}
	return out, nil
}

// unpack decodes a string whose encoding is encLZF to dst, which has its size.
func (s span) unpack(dst []byte) error {
	if err := decompress(dst, s.body); err != nil {
		return &Error{Offset: s.at, Problem: "a string cannot be decompressed", Fix: fixDamaged, Err: err}
	}
	return nil
}

// appendNumber appends the text of n to scratch and returns it.
func appendNumber(scratch *[]byte, n int64) []byte {
	start := len(*scratch)
	*scratch = strconv.AppendInt(*scratch, n, 10)
	return (*scratch)[start:len(*scratch):len(*scratch)]
}
