package rdb

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Block is a part of a file that has whole records: strings and hashes of
// database 0. It is about BlockSize bytes, or as long as one longer record.
// The zero Block is empty; one Block can be read into again and again.
type Block struct {
	data    []byte
	at      int64 // where in the stream it begins
	records []int // where in data each begins, with its expiry
	part    *part
	format  format
}

// Offset is where in the file the block begins.
func (b *Block) Offset() int64 { return b.at }

// part is a part of a file and its checksum from 0.
type part struct {
	size int64
	sum  uint64
}

// Reader cuts an RDB file into blocks. Everything that it refuses, it refuses
// with an *Error.
type Reader struct {
	r       io.Reader
	skip    bool   // what this server does not have, instead of refusing it
	format  format // once started
	started bool
	ended   bool
	end     bool // of the stream
	err     error

	at      int64  // of the end of the last block
	rest    []byte // read, but part of no block yet
	db      uint64
	parts   []*part // of the blocks so far
	want    uint64  // the checksum at the end
	wantAt  int64
	skipped int64
}

// NewReader makes a reader of r, which needs no buffer of its own. With
// skipUnsupported it passes what this server does not have, which is otherwise
// an error: keys of other types, keys of other databases, function libraries
// and what modules of Redis wrote.
func NewReader(r io.Reader, skipUnsupported bool) *Reader {
	return &Reader{r: r, skip: skipUnsupported}
}

// Offset is how many bytes of the stream the blocks so far have taken.
func (r *Reader) Offset() int64 { return r.at }

// Skipped is how many keys, libraries and the like have been passed.
func (r *Reader) Skipped() int64 { return r.skipped }

// Next reads the next block into b. It returns io.EOF when all have been read;
// what follows then is Verify. Every other error is
// an *Error; it sticks.
func (r *Reader) Next(b *Block) error {
	if r.err == nil {
		r.err = r.next(b)
	}
	return r.err
}

func (r *Reader) next(b *Block) error {
	if cap(b.data) > 4*BlockSize || cap(b.data) < BlockSize {
		b.data = make([]byte, 0, BlockSize)
	}
	b.data, b.at, b.records = append(b.data[:0], r.rest...), r.at, b.records[:0]
	for {
		if err := r.fill(b); err != nil {
			return err
		}
		n, err := r.scan(b)
		switch {
		case err != nil:
			return err
		case n > 0 || r.ended:
		case r.end:
			return ended(b.at + int64(len(b.data)))
		default: // one record is longer than the block
			b.data = slices.Grow(b.data, len(b.data))
			continue
		}
		r.take(b, n)
		if len(b.records) > 0 {
			return nil
		}
		b.part.sum = checksum(0, b.data)
		if r.ended {
			return r.finish()
		}
		// There was a long header, or much was passed.
		b.data, b.at = append(b.data[:0], r.rest...), r.at
	}
}

// take ends the block after n bytes.
func (r *Reader) take(b *Block, n int) {
	r.rest = append(r.rest[:0], b.data[n:]...)
	r.at += int64(n)
	b.data, b.part, b.format = b.data[:n], &part{size: int64(n)}, r.format
	r.parts = append(r.parts, b.part)
}

// fill reads until the block is full.
func (r *Reader) fill(b *Block) error {
	for empty := 0; len(b.data) < cap(b.data) && !r.end; {
		n, err := r.r.Read(b.data[len(b.data):cap(b.data)])
		b.data = b.data[:len(b.data)+n]
		if n > 0 {
			empty = 0
		} else if empty++; err == nil && empty == 100 {
			err = io.ErrNoProgress
		}
		switch {
		case err == io.EOF:
			r.end = true
		case err != nil:
			return &Error{Offset: b.at + int64(len(b.data)), Problem: "cannot be read", Fix: "check the disk and the file's permissions", Err: err}
		}
	}
	return nil
}

// ended is the error for a stream that is too short.
func ended(at int64) error {
	return &Error{Offset: at, Problem: "the file ends too early", Fix: fixDamaged}
}

// scan finds the records of the block, and returns where the last that is
// whole ends.
func (r *Reader) scan(b *Block) (int, error) {
	c := cursor{p: b.data, at: b.at, format: r.format}
	for !r.ended {
		start := c.pos
		var record bool
		var err error
		if r.started {
			record, err = r.item(&c)
		} else {
			r.format, err = c.header()
			c.format, r.started = r.format, err == nil
		}
		switch {
		case errors.Is(err, errMore):
			return start, nil
		case err != nil:
			return 0, err
		case record:
			b.records = append(b.records, start)
		}
	}
	return c.pos, nil
}

// item passes a record with all that belongs to it, or what stands between
// records. It reports whether that was a record to be decoded.
func (r *Reader) item(c *cursor) (record bool, err error) {
	for {
		at := c.offset()
		op, err := c.byte()
		if err != nil {
			return false, err
		}
		switch op {
		case opExpireTimeMs:
			_, err = c.take(8)
		case opExpireTime:
			_, err = c.take(4)
		case opIdle:
			_, err = c.length()
		case opFreq:
			_, err = c.byte()
		case opEOF:
			r.ended = true
			return false, nil
		case opAux:
			return false, c.skipStrings(2)
		case opResizeDB:
			return false, c.skipLengths(2)
		case opSlotInfo:
			return false, c.skipLengths(3)
		case opSelectDB:
			return false, r.selectDB(c, at)
		case opKeyMeta: // or opSlotImport
			if r.format.valkey || r.format.version < keyMeta {
				return false, r.extra(c, op, at)
			}
			err = c.skipKeyMeta(r.skip)
		case opFunction, opFunctionOld, opModuleAux:
			return false, r.extra(c, op, at)
		default:
			return r.key(c, Type(op), at)
		}
		if err != nil {
			return false, err
		}
	}
}

func (r *Reader) selectDB(c *cursor, at int64) error {
	db, err := c.length()
	if err != nil {
		return err
	}
	if db != 0 && !r.skip {
		return &Error{Offset: at, Problem: fmt.Sprintf("the file holds database %d, and this server has only database 0", db),
			Fix: "move its keys to database 0 or delete them on the server that wrote the file and save again, " + fixSkip}
	}
	r.db = db
	return nil
}

// extra passes what is no key.
func (r *Reader) extra(c *cursor, op byte, at int64) (err error) {
	what := "a function library"
	switch {
	case op == opModuleAux:
		what = "data of a module"
	case op == opSlotImport && r.format.valkey:
		what = "part of a cluster's slots that were on their way to the server that wrote it"
	case op == opSlotImport:
		return notAType(op, at)
	}
	if !r.skip || op == opFunctionOld {
		return &Error{Offset: at, Problem: "the file holds " + what + ", which this server does not have", Fix: fixFeature}
	}
	switch op {
	case opFunction:
		err = c.skipStrings(1)
	case opSlotImport:
		err = c.skipSlotImport()
	default:
		err = c.skipModule()
	}
	if err == nil {
		r.skipped++
	}
	return err
}

// key passes a key and its value.
func (r *Reader) key(c *cursor, t Type, at int64) (record bool, err error) {
	if !r.format.has(t) {
		return false, notAType(byte(t), at)
	}
	key, err := c.span()
	if err != nil {
		return false, err
	}
	ours := t == String || t.IsHash()
	if !ours && !r.skip {
		return false, &Error{Offset: at, Problem: fmt.Sprintf("key %s is of type %v, which this server does not have", key.quote(), t), Fix: fixFeature}
	}
	if err := c.skipValue(t, at); err != nil {
		return false, err
	}
	if !ours || r.db != 0 {
		r.skipped++
		return false, nil
	}
	return true, nil
}

func notAType(b byte, at int64) error {
	return &Error{Offset: at, Problem: fmt.Sprintf("byte 0x%02x is neither an opcode nor a value type", b), Fix: fixDamaged}
}

// quote shows the string in an error, if it needs no decoding.
func (s span) quote() string {
	if s.encoding >= 0 {
		return fmt.Sprintf("at offset %d", s.at)
	}
	return quote(s.body)
}

// finish reads the checksum behind the end mark. What follows it belongs to
// nobody and is left, as in Redis: copies may be longer than the file was.
func (r *Reader) finish() error {
	if len(r.rest) < checksumSize {
		b := Block{data: append(make([]byte, 0, checksumSize), r.rest...), at: r.at}
		if err := r.fill(&b); err != nil {
			return err
		}
		r.rest = b.data
	}
	if len(r.rest) < checksumSize {
		return ended(r.at + int64(len(r.rest)))
	}
	r.want, r.wantAt = binary.LittleEndian.Uint64(r.rest), r.at
	r.at += checksumSize
	return io.EOF
}

// Verify checks the checksum of the file. Call it when Next has returned io.EOF
// and every block has been decoded. A checksum of 0 means that the writer was
// configured to make none.
func (r *Reader) Verify() error {
	var sum uint64
	for _, p := range r.parts {
		sum = combine(sum, p.sum, p.size)
	}
	if r.want != 0 && r.want != sum {
		return &Error{Offset: r.wantAt, Problem: fmt.Sprintf("the checksum is %016x and should be %016x", r.want, sum), Fix: fixDamaged}
	}
	return nil
}
