package rdb

import (
	"encoding/binary"
	"fmt"
	"io"
)

// blockSize is how many bytes are written, read and summed at a time.
const blockSize = 256 << 10

// Aux is a field of the file's header that describes the file.
type Aux struct {
	Name, Value string
}

// Encoder writes one RDB file to a stream: Begin, then the keys, then Finish.
// The first error sticks: every later call returns it.
type Encoder struct {
	w       io.Writer
	buf     []byte
	sum     uint64
	written int64
	err     error
}

// NewEncoder makes an encoder that writes to w in large blocks; w needs no
// buffer of its own.
func NewEncoder(w io.Writer) *Encoder {
	return &Encoder{w: w, buf: make([]byte, 0, blockSize)}
}

// Begin writes the header and opens database 0. keys is about how many keys
// follow: a hint by which the reader sizes its tables.
func (e *Encoder) Begin(keys int, aux ...Aux) error {
	e.bytes(fmt.Appendf(nil, "%s%04d", magic, Version))
	for _, a := range aux {
		e.byte(opAux)
		e.string([]byte(a.Name))
		e.string([]byte(a.Value))
	}
	e.byte(opSelectDB)
	e.length(0)
	e.byte(opResizeDB)
	e.length(uint64(max(keys, 0)))
	e.length(0) // how many of them expire: not known, and only a hint
	return e.err
}

// WriteString writes a key with a string value, each at most MaxString bytes.
// expireAt is in milliseconds since the Unix epoch; 0: none.
func (e *Encoder) WriteString(key, value []byte, expireAt int64) error {
	if len(key) > MaxString || len(value) > MaxString {
		if e.err == nil {
			e.err = fmt.Errorf("key %s: its %d bytes or the value's %d are more than the limit of %d", quote(key), len(key), len(value), MaxString)
		}
		return e.err
	}
	e.expiry(expireAt)
	e.byte(byte(String))
	e.string(key)
	e.string(value)
	return e.err
}

// Finish writes the end mark and the checksum and flushes.
func (e *Encoder) Finish() error {
	e.byte(opEOF)
	e.flush()
	e.buf = binary.LittleEndian.AppendUint64(e.buf, e.sum)
	e.flush()
	return e.err
}

// Written is how many bytes the stream has taken.
func (e *Encoder) Written() int64 { return e.written }

func (e *Encoder) expiry(at int64) {
	if at == 0 {
		return
	}
	e.room(9)
	e.buf = binary.LittleEndian.AppendUint64(append(e.buf, opExpireTimeMs), uint64(at))
}

func (e *Encoder) string(s []byte) {
	e.length(uint64(len(s)))
	e.bytes(s)
}

func (e *Encoder) length(n uint64) {
	e.room(9)
	e.buf = appendLength(e.buf, n)
}

func appendLength(dst []byte, n uint64) []byte {
	switch {
	case n < 1<<6:
		return append(dst, len6Bit|byte(n))
	case n < 1<<14:
		return append(dst, len14Bit|byte(n>>8), byte(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32(append(dst, len32Bit), uint32(n))
	default:
		return binary.BigEndian.AppendUint64(append(dst, len64Bit), n)
	}
}

func (e *Encoder) byte(b byte) {
	e.room(1)
	e.buf = append(e.buf, b)
}

func (e *Encoder) bytes(p []byte) {
	e.room(len(p))
	if len(p) > cap(e.buf) { // room has emptied the buffer: skip it
		e.write(p)
		return
	}
	e.buf = append(e.buf, p...)
}

// room makes sure that n bytes fit into the buffer, or that it is empty.
func (e *Encoder) room(n int) {
	if n > cap(e.buf)-len(e.buf) {
		e.flush()
	}
}

func (e *Encoder) flush() {
	e.write(e.buf)
	e.buf = e.buf[:0]
}

func (e *Encoder) write(p []byte) {
	if e.err != nil || len(p) == 0 {
		return
	}
	e.sum = checksum(e.sum, p)
	n, err := e.w.Write(p)
	e.written += int64(n)
	e.err = err
}
