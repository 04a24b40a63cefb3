package rdb

import (
	"encoding/binary"
	"fmt"
	"io"
	"sync"
)

// BlockSize is how many bytes are written and read at a time: as many as stay
// in a core's cache while they are made, summed and copied.
const BlockSize = 256 << 10

// Aux is a field of the file's header that describes the file.
type Aux struct {
	Name, Value string
}

// Writer writes one RDB file to a stream: Begin, then the records through
// Encoders, then Finish. The first error sticks: every later call returns it.
type Writer struct {
	mu      sync.Mutex // of all below, between Begin and Finish
	w       io.Writer
	sum     uint64
	written int64
	err     error
}

// NewWriter makes a writer to w, which needs no buffer of its own.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Begin writes the header and opens database 0. keys is about how many keys
// follow: a hint by which the reader sizes its tables.
func (w *Writer) Begin(keys int, aux ...Aux) error {
	p := fmt.Appendf(nil, "%s%04d", magic, Version)
	for _, a := range aux {
		p = append(p, opAux)
		p = append(appendLength(p, uint64(len(a.Name))), a.Name...)
		p = append(appendLength(p, uint64(len(a.Value))), a.Value...)
	}
	p = append(p, opSelectDB, 0, opResizeDB)
	p = appendLength(p, uint64(max(keys, 0)))
	p = appendLength(p, 0) // how many of them expire: not known, and only a hint
	return w.append(p, checksum(0, p))
}

// Finish writes the end mark and the checksum. All encoders have been flushed.
func (w *Writer) Finish() error {
	end := []byte{opEOF}
	end = binary.LittleEndian.AppendUint64(end, combine(w.sum, checksum(0, end), 1))
	return w.append(end, 0)
}

// Written is how many bytes the stream has taken. Call it after Finish.
func (w *Writer) Written() int64 { return w.written }

// append writes p, whose own checksum is sum. The caller holds mu if there are
// encoders.
func (w *Writer) append(p []byte, sum uint64) error {
	if w.err != nil {
		return w.err
	}
	w.sum = combine(w.sum, sum, int64(len(p)))
	n, err := w.w.Write(p)
	w.written += int64(n)
	w.err = err
	return err
}

// appendLength appends a length in its shortest form.
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
