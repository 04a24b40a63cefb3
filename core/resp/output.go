package resp

import (
	"slices"

	"github.com/redistill-go/redistill/core/buffer"
)

// The output is a chain. Replies are appended to one chunk of fixed capacity,
// and when it is full it becomes a Part and the next chunk is begun: a long
// reply is never copied to grow, its memory is given back piece by piece as it
// is sent, and no longer than that.

// Part is a piece of the output that is complete.
type Part struct {
	Bytes []byte // not to be written to
	Ref   uint64 // what its owner knows it by; 0: a copy

	chunk []byte // goes back to the pool with the part; nil: a later part has it
}

// Pins has what replies point to.
type Pins interface {
	// Unpin tells that the output no longer points at what Refer named ref.
	Unpin(ref uint64)
}

// headRoom is room for a type, a number, CR LF, and the CR LF of a bulk string.
const headRoom = 24

// room makes sure that n more bytes fit behind what it returns, which is Buf. n
// is less than a chunk.
func (w *Writer) room(n int) []byte {
	if n > cap(w.Buf)-len(w.Buf) {
		w.next(n)
	}
	return w.Buf
}

// next begins a new chunk with room for n bytes.
func (w *Writer) next(n int) {
	if w.Pool == nil {
		w.Buf = slices.Grow(w.Buf, n)
		return
	}
	if w.lost {
		// Nobody will read what comes now, and this chunk has nothing else.
		w.Pool.Put(w.Buf)
		w.Buf = nil
	}
	w.Overflow = w.Overflow || w.Limit != 0 && w.Copied() > w.Limit || w.Pool.Full()
	w.lost = w.Overflow
	w.seal()
	w.Buf = w.Pool.Get(max(n, buffer.ChunkSize))
}

// seal makes the chunk a part.
func (w *Writer) seal() {
	if cap(w.Buf) > 0 {
		w.copied += len(w.Buf) - w.from
		w.Parts = append(w.Parts, Part{Bytes: w.Buf[w.from:len(w.Buf):len(w.Buf)], chunk: w.Buf})
	}
	w.Buf, w.from = nil, 0
}

// long writes b over as many chunks as it takes.
func (w *Writer) long(b []byte) {
	if w.Pool == nil {
		w.Buf = append(w.Buf, b...)
		return
	}
	for len(b) > 0 && !w.Overflow {
		n := min(len(b), cap(w.room(1))-len(w.Buf))
		w.Buf = append(w.Buf, b[:n]...)
		b = b[n:]
	}
}

// Refer writes a bulk string that is not copied: the output has b at this
// place. Its owner keeps b unchanged until Pins is told. Limit holds for all
// those together too, but a single value may have any length: it costs nothing
// until its owner replaces it.
func (w *Writer) Refer(b []byte, ref uint64) {
	if w.referred > 0 && w.Limit != 0 && w.referred+len(b) > w.Limit {
		w.Overflow = true
	}
	w.head('$', len(b))
	if n := len(w.Buf) - w.from; n > 0 {
		w.Parts = append(w.Parts, Part{Bytes: w.Buf[w.from:len(w.Buf):len(w.Buf)]})
		w.copied, w.from = w.copied+n, len(w.Buf)
	}
	w.Parts = append(w.Parts, Part{Bytes: b, Ref: ref})
	w.referred += len(b)
	w.Buf = append(w.room(2), '\r', '\n')
}

// Join writes what was written to another writer with the same Pool, which keeps
// nothing of it: so a reply is made whose beginning, as the length of an array,
// shows only at its end. The other one's errors are not counted again.
func (w *Writer) Join(aside *Writer) {
	w.Overflow = w.Overflow || aside.Overflow || w.Limit != 0 && w.Copied()+aside.Copied() > w.Limit
	switch {
	case w.Overflow:
	case len(aside.Parts) == 0 && (w.Pool == nil || len(aside.Buf) <= cap(w.Buf)-len(w.Buf)):
		w.Buf = append(w.Buf, aside.Buf...)
	default:
		w.seal()
		w.Parts = append(w.Parts, aside.Parts...)
		w.copied, w.referred = w.copied+aside.copied, w.referred+aside.referred
		w.Buf, w.from = aside.Buf, aside.from
		clear(aside.Parts)
		*aside = Writer{Parts: aside.Parts[:0], Pool: aside.Pool}
	}
	aside.Release()
}

// Text writes a part of a long text, of which JoinVerbatim makes a reply once its
// length shows.
func (w *Writer) Text(b []byte) { w.long(b) }

// JoinVerbatim is Verbatim for a text that was written to another writer, with
// Text, and is joined as by Join.
func (w *Writer) JoinVerbatim(format string, aside *Writer) {
	if n := aside.Len(); w.Proto == 3 {
		w.beginVerbatim(format, n)
	} else {
		w.head('$', n)
	}
	w.Join(aside)
	w.Buf = append(w.room(2), '\r', '\n')
}

// Take writes a bulk string whose bytes are in a buffer of Pool, which it takes
// over instead of copying it.
func (w *Writer) Take(b []byte) {
	if w.Pool == nil || cap(b) < buffer.ChunkSize {
		w.Bulk(b)
		w.Pool.Put(b)
		return
	}
	if w.Limit != 0 && w.Copied()+len(b) > w.Limit {
		w.Overflow = true
		w.Pool.Put(b)
		return
	}
	w.head('$', len(b))
	w.seal()
	w.Parts = append(w.Parts, Part{Bytes: b, chunk: b})
	w.copied += len(b)
	w.Buf = append(w.room(2), '\r', '\n')
}

// Rest is the output behind Parts.
func (w *Writer) Rest() []byte { return w.Buf[w.from:] }

// Len is the number of bytes that have been written and not dropped.
func (w *Writer) Len() int { return w.copied + w.referred + len(w.Buf) - w.from }

// Copied is Len without what belongs to somebody else.
func (w *Writer) Copied() int { return w.copied + len(w.Buf) - w.from }

// Mark is a place in the output that Rewind can go back to, as long as nothing
// before it has been dropped.
type Mark struct{ parts, end, from, copied, referred int }

// Mark is the place after what has been written.
func (w *Writer) Mark() Mark { return Mark{len(w.Parts), len(w.Buf), w.from, w.copied, w.referred} }

// Rewind removes what was written since m, and with it an overflow.
func (w *Writer) Rewind(m Mark) {
	home := w.Buf
	for i := len(w.Parts) - 1; i >= m.parts; i-- {
		if p := &w.Parts[i]; p.chunk != nil {
			w.Pool.Put(home)
			home, p.chunk = p.chunk, nil
		}
		w.drop(&w.Parts[i])
	}
	w.Parts = w.Parts[:m.parts]
	w.Buf, w.from, w.copied, w.referred, w.Overflow = home[:m.end], m.from, m.copied, m.referred, false
	w.lost = false
}

// drop gives back what a part holds.
func (w *Writer) drop(p *Part) {
	if p.Ref != 0 {
		if w.Pins != nil {
			w.Pins.Unpin(p.Ref)
		}
		w.referred -= len(p.Bytes)
	} else {
		w.copied -= len(p.Bytes)
	}
	if p.chunk != nil {
		w.Pool.Put(p.chunk)
	}
	*p = Part{}
}

// Advance drops the first n bytes of the output.
func (w *Writer) Advance(n int) {
	whole := 0
	for whole < len(w.Parts) && n >= len(w.Parts[whole].Bytes) {
		n -= len(w.Parts[whole].Bytes)
		w.drop(&w.Parts[whole])
		whole++
	}
	if w.Parts = w.Parts[:copy(w.Parts, w.Parts[whole:])]; len(w.Parts) == 0 {
		w.from += n
		return
	}
	p := &w.Parts[0]
	if p.Bytes = p.Bytes[n:]; p.Ref != 0 {
		w.referred -= n
	} else {
		w.copied -= n
	}
}

// Shrink moves what is in the chunk to one that is no larger than it must be.
func (w *Writer) Shrink() {
	rest := w.Rest()
	if len(w.Parts) > 0 || cap(w.Buf) <= buffer.Capacity(len(rest)) {
		return // parts may point into the chunk, or it is small
	}
	small := append(w.Pool.Get(len(rest)), rest...)
	w.Pool.Put(w.Buf)
	w.Buf, w.from = small, 0
}

// Reset drops all output.
func (w *Writer) Reset() {
	for i := range w.Parts {
		w.drop(&w.Parts[i])
	}
	w.Parts = w.Parts[:0]
	w.Buf, w.from, w.Overflow = w.Buf[:0], 0, false
	w.lost = false
}

// Release drops all output and gives the chunk back. The next one is got when
// something is written.
func (w *Writer) Release() {
	w.Reset()
	w.Pool.Put(w.Buf)
	w.Buf = nil
}
