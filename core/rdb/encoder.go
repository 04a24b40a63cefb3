package rdb

import (
	"encoding/binary"
	"fmt"

	"github.com/redistill-go/redistill/core/snapshot"
)

// Strings from shortest to longest in bytes are compressed. Redis has the same
// lower limit, and no upper one; this one bounds the memory of an encoder.
const (
	shortestPacked = 21
	longestPacked  = 1 << 20
)

// Encoder writes records to a Writer's file. Its first error sticks: every
// later call returns it.
type Encoder struct {
	w    *Writer
	buf  []byte
	held bool // w.mu: a record that buf cannot hold is being written
	err  error

	lzf    *compressor // nil: nothing is compressed
	packed []byte
}

// Encoder makes an encoder; it holds BlockSize bytes, and up to 1 MiB more if
// it compresses.
func (w *Writer) Encoder(compress bool) *Encoder {
	e := &Encoder{w: w, buf: make([]byte, 0, BlockSize)}
	if compress {
		e.lzf = new(compressor)
	}
	return e
}

// Write writes a record. A record is refused whose key, value, or a field of
// it, is longer than MaxString.
func (e *Encoder) Write(r snapshot.Record) error {
	if e.err != nil {
		return e.err
	}
	size, longest, earliest := measure(r)
	if longest > MaxString {
		e.err = fmt.Errorf("key %s: a string of %d bytes is longer than the limit of %d", quote(r.Key), longest, MaxString)
		return e.err
	}
	if size > cap(e.buf)-len(e.buf) {
		e.flush()
	}
	if r.ExpireAt != 0 {
		e.room(9)
		e.buf = binary.LittleEndian.AppendUint64(append(e.buf, opExpireTimeMs), uint64(r.ExpireAt))
	}
	switch {
	case r.Fields == nil:
		e.byte(byte(String))
		e.string(r.Key)
		e.string(r.Value)
	case earliest == 0:
		e.byte(byte(Hash))
		e.string(r.Key)
		e.length(uint64(len(r.Fields)))
		for _, f := range r.Fields {
			e.string(f.Name)
			e.string(f.Value)
		}
	default:
		e.byte(byte(HashExpiry))
		e.string(r.Key)
		e.room(8)
		e.buf = binary.LittleEndian.AppendUint64(e.buf, uint64(earliest))
		e.length(uint64(len(r.Fields)))
		for _, f := range r.Fields {
			e.length(after(f.ExpireAt, earliest))
			e.string(f.Name)
			e.string(f.Value)
		}
	}
	e.release()
	return e.err
}

// measure tells at most how many bytes a record takes, the longest of its
// strings, and the first expiry of its fields, 0 if none expires.
func measure(r snapshot.Record) (size, longest int, earliest int64) {
	const head = 9 + 1 + 2*9 + 8 // expiry, type, two lengths, the first expiry
	size, longest = head+len(r.Key)+len(r.Value), max(len(r.Key), len(r.Value))
	for _, f := range r.Fields {
		size += 3*9 + len(f.Name) + len(f.Value)
		longest = max(longest, len(f.Name), len(f.Value))
		if f.ExpireAt != 0 && (earliest == 0 || f.ExpireAt < earliest) {
			earliest = f.ExpireAt
		}
	}
	return size, longest, earliest
}

// Flush hands what is left to the file.
func (e *Encoder) Flush() error {
	e.flush()
	return e.err
}

func (e *Encoder) string(s []byte) {
	if e.lzf != nil && len(s) >= shortestPacked && len(s) <= longestPacked {
		// What saves less than the second length costs is not worth it.
		packed, ok := e.lzf.compress(e.packed[:0], s, len(s)-4)
		e.packed = packed[:0]
		if ok {
			e.byte(lenEncoded | encLZF)
			e.length(uint64(len(packed)))
			e.length(uint64(len(s)))
			e.bytes(packed)
			return
		}
	}
	e.length(uint64(len(s)))
	e.bytes(s)
}

func (e *Encoder) length(n uint64) {
	e.room(9)
	e.buf = appendLength(e.buf, n)
}

func (e *Encoder) byte(b byte) {
	e.room(1)
	e.buf = append(e.buf, b)
}

func (e *Encoder) bytes(p []byte) {
	e.room(len(p))
	if len(p) > cap(e.buf) { // room has emptied the buffer: skip it
		e.append(p)
		return
	}
	e.buf = append(e.buf, p...)
}

// room makes sure that n more bytes of a record fit into the buffer, or that
// it is empty. The file is then held until the record is whole.
func (e *Encoder) room(n int) {
	if n <= cap(e.buf)-len(e.buf) {
		return
	}
	if !e.held {
		e.w.mu.Lock()
		e.held = true
	}
	e.flush()
}

// release ends a record.
func (e *Encoder) release() {
	if e.held {
		e.flush()
		e.held = false
		e.w.mu.Unlock()
	}
}

func (e *Encoder) flush() {
	if len(e.buf) > 0 {
		e.append(e.buf)
		e.buf = e.buf[:0]
	}
}

func (e *Encoder) append(p []byte) {
	sum := checksum(0, p) // before anyone has to wait
	if !e.held {
		e.w.mu.Lock()
		defer e.w.mu.Unlock()
	}
	e.err = e.w.append(p, sum)
}
