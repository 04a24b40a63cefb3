package rdb

import (
	"encoding/binary"
	"fmt"
	"strconv"
)

// prefix reads the length or the special encoding that a string starts with.
func (d *Decoder) prefix() (n uint64, encoded bool, err error) {
	at := d.in.offset()
	b, err := d.in.byte()
	if err != nil {
		return 0, false, err
	}
	switch b & 0xC0 {
	case len6Bit:
		return uint64(b & 0x3F), false, nil
	case len14Bit:
		low, err := d.in.byte()
		return uint64(b&0x3F)<<8 | uint64(low), false, err
	case lenEncoded:
		return uint64(b & 0x3F), true, nil
	}
	switch b {
	case len32Bit:
		p, err := d.in.take(4)
		if err != nil {
			return 0, false, err
		}
		return uint64(binary.BigEndian.Uint32(p)), false, nil
	case len64Bit:
		p, err := d.in.take(8)
		if err != nil {
			return 0, false, err
		}
		return binary.BigEndian.Uint64(p), false, nil
	}
	return 0, false, &Error{Offset: at, Problem: fmt.Sprintf("byte 0x%02x does not start a length", b), Fix: fixDamaged}
}

// length reads a number that can't be a string in a special encoding.
func (d *Decoder) length() (uint64, error) {
	at := d.in.offset()
	n, encoded, err := d.prefix()
	if err == nil && encoded {
		err = &Error{Offset: at, Problem: "a string stands where a number should", Fix: fixDamaged}
	}
	return n, err
}

func (d *Decoder) lengths(count int) error {
	for range count {
		if _, err := d.length(); err != nil {
			return err
		}
	}
	return nil
}

// size reads the length of a string.
func (d *Decoder) size() (int, error) {
	at := d.in.offset()
	n, err := d.length()
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

// string reads a string in any encoding to the end of dst.
func (d *Decoder) string(dst []byte) ([]byte, error) {
	at := d.in.offset()
	n, encoded, err := d.prefix()
	if err != nil {
		return dst, err
	}
	if !encoded {
		size, err := limited(n, at)
		if err != nil {
			return dst, err
		}
		return d.in.append(dst, size)
	}
	switch n {
	case encInt8, encInt16, encInt32:
		p, err := d.in.take(1 << n)
		if err != nil {
			return dst, err
		}
		return strconv.AppendInt(dst, integer(p), 10), nil
	case encLZF:
		return d.compressed(dst, at)
	}
	return dst, &Error{Offset: at, Problem: fmt.Sprintf("string encoding %d does not exist", n), Fix: fixDamaged}
}

func integer(p []byte) int64 {
	switch len(p) {
	case 1:
		return int64(int8(p[0]))
	case 2:
		return int64(int16(binary.LittleEndian.Uint16(p)))
	default:
		return int64(int32(binary.LittleEndian.Uint32(p)))
	}
}

func (d *Decoder) compressed(dst []byte, at int64) ([]byte, error) {
	packed, err := d.size()
	if err != nil {
		return dst, err
	}
	size, err := d.size()
	if err != nil {
		return dst, err
	}
	if size > packed*lzfMaxRatio {
		return dst, &Error{Offset: at, Problem: fmt.Sprintf("%d compressed bytes can't stand for %d", packed, size), Fix: fixDamaged}
	}
	buf, err := d.in.append(d.packed[:0], packed)
	d.packed = buf
	if err != nil {
		return dst, err
	}
	if dst, err = appendLZF(dst, buf, size); err != nil {
		return dst, &Error{Offset: at, Problem: "a string cannot be decompressed", Fix: fixDamaged, Err: err}
	}
	return dst, nil
}
