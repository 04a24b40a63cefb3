package resp

import (
	"math"
	"strconv"
	"strings"

	"github.com/tidwall/redcon"
)

// Writer builds replies in a buffer that its owner sends and empties.
type Writer struct {
	// Buf is what has been written and not yet sent.
	Buf []byte
	// Proto is the protocol version, 2 or 3; 0 is 2.
	Proto int
	// Errors counts error replies.
	Errors int64
	// Failed, if not nil, is called with the text of each.
	Failed func(text string)
	// Limit bounds Buf in bytes; 0: no bound. A bulk string that would pass it
	// is left out and Overflow set: the reply is then not a reply any more and
	// the connection has to be closed. See Refer for those that aren't in Buf.
	Limit    int
	Overflow bool
	// Parts are the large values that replies point to instead of holding
	// them, in order; see Refer.
	Parts []Part
}

// Part is a piece of the output that isn't in Buf.
type Part struct {
	At    int    // it comes before Buf[At]
	Bytes []byte // not to be written to
	Ref   uint64 // what its owner knows it by

	total int // bytes of this part and of those before it
}

// Refer writes a bulk string that is not copied: the output has b at this
// place. Its owner keeps b unchanged until the output is sent and the parts
// have been taken back. Limit holds for all parts together too, but a single
// value may have any length: it costs nothing until its owner replaces it.
func (w *Writer) Refer(b []byte, ref uint64) {
	total := len(b)
	if n := len(w.Parts); n > 0 {
		total += w.Parts[n-1].total
		w.Overflow = w.Overflow || w.Limit != 0 && total > w.Limit
	}
	w.head('$', len(b))
	w.Parts = append(w.Parts, Part{At: len(w.Buf), Bytes: b, Ref: ref, total: total})
	w.Buf = append(w.Buf, '\r', '\n')
}

// Join writes what was written to another writer, which keeps nothing of it:
// so a reply is made whose beginning, as the length of an array, shows only at
// its end. The other one's errors are not counted again.
func (w *Writer) Join(aside *Writer) {
	if w.Limit != 0 && len(w.Buf)+len(aside.Buf) > w.Limit {
		aside.Overflow = true
	}
	if w.Overflow = w.Overflow || aside.Overflow; !w.Overflow {
		w.Buf = append(w.Buf, aside.Buf...)
	}
	aside.Buf, aside.Overflow = aside.Buf[:0], false
}

// OK writes +OK.
func (w *Writer) OK() { w.Buf = append(w.Buf, "+OK\r\n"...) }

// Simple writes a simple string, which has no line break in it.
func (w *Writer) Simple(s string) { w.Buf = redcon.AppendString(w.Buf, s) }

// Error writes an error reply, whose first word is its code: "ERR no such
// key". Line breaks in it would end the reply: as in Redis, those at its end
// are dropped and others become spaces.
func (w *Writer) Error(s string) {
	s = strings.TrimRight(s, "\r\n")
	w.Errors++
	if w.Failed != nil {
		w.Failed(s)
	}
	w.Buf = append(w.Buf, '-')
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
		w.Buf = append(w.Buf, ':', byte('0'+n), '\r', '\n')
		return
	}
	w.Buf = redcon.AppendInt(w.Buf, n)
}

// Bulk writes a bulk string.
func (w *Writer) Bulk(b []byte) {
	if w.Limit != 0 && len(w.Buf)+len(b) > w.Limit {
		w.Overflow = true
		return
	}
	w.Buf = redcon.AppendBulk(w.Buf, b)
}

// BulkString writes a bulk string.
func (w *Writer) BulkString(s string) {
	if w.Limit != 0 && len(w.Buf)+len(s) > w.Limit {
		w.Overflow = true
		return
	}
	w.Buf = redcon.AppendBulkString(w.Buf, s)
}

// BulkInt writes an integer as a bulk string.
func (w *Writer) BulkInt(n int64) {
	var scratch [20]byte
	w.Buf = redcon.AppendBulk(w.Buf, strconv.AppendInt(scratch[:0], n, 10))
}

// Null writes the absence of a value.
func (w *Writer) Null() {
	if w.Proto == 3 {
		w.Buf = append(w.Buf, "_\r\n"...)
		return
	}
	w.Buf = append(w.Buf, "$-1\r\n"...)
}

// NullArray writes the absence of an array: RESP2 tells the two apart.
func (w *Writer) NullArray() {
	if w.Proto == 3 {
		w.Buf = append(w.Buf, "_\r\n"...)
		return
	}
	w.Buf = append(w.Buf, "*-1\r\n"...)
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
	w.Buf = append(w.Buf, kind)
	w.Buf = strconv.AppendInt(w.Buf, int64(n), 10)
	w.Buf = append(w.Buf, '\r', '\n')
}

// Bool writes a boolean; RESP2 has 1 and 0 instead.
func (w *Writer) Bool(b bool) {
	switch {
	case w.Proto == 3 && b:
		w.Buf = append(w.Buf, "#t\r\n"...)
	case w.Proto == 3:
		w.Buf = append(w.Buf, "#f\r\n"...)
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
	w.Buf = append(w.Buf, ',')
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
	w.head('=', len(s)+4)
	w.Buf = append(w.Buf, format...)
	w.Buf = append(w.Buf, ':')
	w.Buf = append(w.Buf, s...)
	w.Buf = append(w.Buf, '\r', '\n')
}
