package rdb

import (
	"encoding/binary"
	"errors"
	"io"
)

// input is a buffered stream that knows its position and sums what is
// consumed. The sum is brought up to date once per block, not per read.
type input struct {
	r      io.Reader
	buf    []byte
	pos    int   // next byte to consume
	end    int   // end of what was read
	summed int   // buf[:summed] is in sum
	base   int64 // position in the stream of buf[0]
	sum    uint64
}

func newInput(r io.Reader) *input {
	return &input{r: r, buf: make([]byte, blockSize)}
}

// inputOf reads p, which it does not change.
func inputOf(p []byte) *input { return &input{buf: p, end: len(p)} }

func (in *input) offset() int64 { return in.base + int64(in.pos) }

// checksum is the sum of all that has been consumed.
func (in *input) checksum() uint64 {
	in.sum = checksum(in.sum, in.buf[in.summed:in.pos])
	in.summed = in.pos
	return in.sum
}

// fill makes at least n bytes available, n at most blockSize. It returns
// io.EOF when the stream ends before.
func (in *input) fill(n int) error {
	if in.end-in.pos >= n {
		return nil
	}
	if in.r == nil {
		return io.EOF
	}
	in.checksum()
	in.base += int64(in.pos)
	in.end = copy(in.buf, in.buf[in.pos:in.end])
	in.pos, in.summed = 0, 0
	for empty := 0; in.end < n; {
		m, err := in.r.Read(in.buf[in.end:])
		in.end += m
		if in.end >= n {
			return nil
		}
		if err != nil {
			return err
		}
		if m > 0 {
			empty = 0
		} else if empty++; empty == 100 {
			return io.ErrNoProgress
		}
	}
	return nil
}

// take consumes n bytes, n at most blockSize. They are valid until the next
// call.
func (in *input) take(n int) ([]byte, error) {
	if err := in.fill(n); err != nil {
		return nil, in.short(err)
	}
	p := in.buf[in.pos : in.pos+n]
	in.pos += n
	return p, nil
}

func (in *input) byte() (byte, error) {
	p, err := in.take(1)
	if err != nil {
		return 0, err
	}
	return p[0], nil
}

func (in *input) uint64LE() (uint64, error) {
	p, err := in.take(8)
	if err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint64(p), nil
}

// append consumes n bytes to the end of dst, which grows as the bytes arrive:
// a length that the stream does not keep costs no more than what is there.
func (in *input) append(dst []byte, n int) ([]byte, error) {
	for n > 0 {
		p, err := in.take(min(n, blockSize))
		if err != nil {
			return dst, err
		}
		dst = append(dst, p...)
		n -= len(p)
	}
	return dst, nil
}

// short is the error for a stream that could not give what was asked for.
func (in *input) short(err error) error {
	at := in.base + int64(in.end)
	if errors.Is(err, io.EOF) {
		return &Error{Offset: at, Problem: "the file ends too early", Fix: fixDamaged}
	}
	return &Error{Offset: at, Problem: "cannot be read", Fix: "check the disk and the file's permissions", Err: err}
}
