package resp

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"

	"github.com/redistill-go/redistill/core/buffer"
	"github.com/redistill-go/redistill/core/sys"
)

// Writer builds replies, which its owner sends and then drops.
//
// What has been written is Parts, in order, and then the end of Buf: see
// output.go.
type Writer struct {
	// Buf is the chunk that is written to. It holds all of the output if there
	// are no Parts.
	Buf []byte
	// Parts are the output that is complete, in order: full chunks and large
	// values that replies point to.
	Parts []Part
	from  int // what of Buf is in Parts already
	// copied is how many bytes of Parts are copies, and referred how many belong
	// to somebody else; without those of Buf.
	copied, referred int

	// Pool is where chunks come from; nil: there is but one, which grows.
	Pool *buffer.Pool
	// Pins takes back what Refer was called with; nil: nothing needs to be.
	Pins Pins

	// Proto is the protocol version, 2 or 3; 0 is 2.
	Proto int
	// Errors counts error replies.
	Errors int64
	// Failed, if not nil, is called with the text of each.
	Failed func(text string)
	// Limit bounds the output that is copied, in bytes; 0: no bound. A bulk string
	// that would pass it is left out and Overflow set: the reply is then not a
	// reply any more and the connection has to be closed. See Refer for the rest.
	Limit    int
	Overflow bool
	lost     bool // it has overflowed, and Buf holds nothing but what came after
}

// OK writes +OK.
func (w *Writer) OK() { w.Buf = append(w.room(5), "+OK\r\n"...) }

// Simple writes a simple string, which has no line break in it.
func (w *Writer) Simple(s string) { w.Buf = AppendSimple(w.room(len(s)+3), s) }

// Error writes an error reply, whose first word is its code: "ERR no such
// key". Line breaks in it would end the reply: as in Redis, those at its end
// are dropped and others become spaces.
func (w *Writer) Error(s string) {
	s = strings.TrimRight(s, "\r\n")
	w.Errors++
	if w.Failed != nil {
		w.Failed(s)
	}
	w.Buf = append(w.room(len(s)+3), '-')
	at := len(w.Buf)
	w.Buf = append(w.Buf, s...)
	for i, c := range w.Buf[at:] {
		if c == '\r' || c == '\n' {
			w.Buf[at+i] = ' '
		}
	}
	w.Buf = append(w.Buf, '\r', '\n')
}

// Int writes an integer.
func (w *Writer) Int(n int64) {
	if 0 <= n && n <= 9 {
		w.Buf = append(w.room(4), ':', byte('0'+n), '\r', '\n')
		return
	}
	w.Buf = AppendInt(w.room(headRoom), n)
}

// Bulk writes a bulk string. Most are short and there is room for them: for those
// the length would be the work.
func (w *Writer) Bulk(b []byte) {
	n, d := len(b), w.Buf[len(w.Buf):cap(w.Buf)]
	if n >= len(heads) || len(d) < n+headRoom || w.Limit != 0 && w.Copied()+n > w.Limit {
		w.bulk(b)
		return
	}
	head := heads[n]
	h := int(head >> headLen)
	binary.LittleEndian.PutUint64(d, head)
	copy(d[h:], b)
	binary.LittleEndian.PutUint16(d[h+n:], crlf)
	w.Buf = w.Buf[:len(w.Buf)+h+n+2]
}

// bulk writes a bulk string of any length.
func (w *Writer) bulk(b []byte) {
	switch room := cap(w.Buf) - len(w.Buf) - len(b); {
	case w.Limit != 0 && w.Copied()+len(b) > w.Limit:
		w.Overflow = true
	case room < headRoom && w.Pool != nil:
		w.head('$', len(b))
		w.long(b)
		w.Buf = append(w.room(2), '\r', '\n')
	default:
		w.Buf = AppendBulk(w.Buf, b)
	}
}

// BulkString writes a bulk string.
func (w *Writer) BulkString(s string) { w.Bulk(sys.StringBytes(s)) }

// BulkInt writes an integer as a bulk string.
func (w *Writer) BulkInt(n int64) {
	var scratch [20]byte
	w.Buf = AppendBulk(w.room(2*headRoom), strconv.AppendInt(scratch[:0], n, 10))
}

// Null writes the absence of a value.
func (w *Writer) Null() {
	if w.Proto == 3 {
		w.Buf = append(w.room(3), "_\r\n"...)
		return
	}
	w.Buf = append(w.room(5), "$-1\r\n"...)
}

// NullArray writes the absence of an array: RESP2 tells the two apart.
func (w *Writer) NullArray() {
	if w.Proto == 3 {
		w.Buf = append(w.room(3), "_\r\n"...)
		return
	}
	w.Buf = append(w.room(5), "*-1\r\n"...)
}

// Array begins an array of n elements, which are written next.
func (w *Writer) Array(n int) { w.head('*', n) }

// Map begins a map of n pairs; RESP2 has a flat array instead.
func (w *Writer) Map(n int) {
	if w.Proto == 3 {
		w.head('%', n)
		return
	}
	w.head('*', 2*n)
}

// Set begins a set of n elements; RESP2 has an array instead.
func (w *Writer) Set(n int) {
	if w.Proto == 3 {
		w.head('~', n)
		return
	}
	w.head('*', n)
}

// Push begins an out-of-band message of n elements. RESP3 only.
func (w *Writer) Push(n int) { w.head('>', n) }

func (w *Writer) head(kind byte, n int) {
	w.Buf = appendHead(w.room(headRoom), kind, int64(n))
}

// Bool writes a boolean; RESP2 has 1 and 0 instead.
func (w *Writer) Bool(b bool) {
	switch {
	case w.Proto == 3 && b:
		w.Buf = append(w.room(4), "#t\r\n"...)
	case w.Proto == 3:
		w.Buf = append(w.room(4), "#f\r\n"...)
	case b:
		w.Int(1)
	default:
		w.Int(0)
	}
}

// Double writes a floating-point number; RESP2 has a bulk string instead.
func (w *Writer) Double(f float64) {
	var scratch [32]byte
	text := scratch[:0]
	switch {
	case math.IsInf(f, 1):
		text = append(text, "inf"...)
	case math.IsInf(f, -1):
		text = append(text, "-inf"...)
	case math.IsNaN(f):
		text = append(text, "nan"...)
	default:
		text = strconv.AppendFloat(text, f, 'g', 17, 64)
	}
	if w.Proto != 3 {
		w.Bulk(text)
		return
	}
	w.Buf = append(w.room(len(text)+3), ',')
	w.Buf = append(w.Buf, text...)
	w.Buf = append(w.Buf, '\r', '\n')
}

// Verbatim writes text for people, format being three letters as in "txt";
// RESP2 has a bulk string instead.
func (w *Writer) Verbatim(format, s string) {
	if w.Proto != 3 {
		w.BulkString(s)
		return
	}
	w.beginVerbatim(format, len(s))
	w.long(sys.StringBytes(s))
	w.Buf = append(w.room(2), '\r', '\n')
}

func (w *Writer) beginVerbatim(format string, n int) {
	w.head('=', n+4)
	w.Buf = append(w.room(4), format...)
	w.Buf = append(w.Buf, ':')
}
