package rdb

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
)

// Entry is one key of a file. Its bytes are valid until the next call of Next.
type Entry struct {
	Key  []byte
	Type Type
	// Value is the value of a String.
	Value []byte
	// Fields are the fields of a hash, not nil but empty if it has none.
	Fields []Field
	// ExpireAt is in milliseconds since the Unix epoch; 0: none.
	ExpireAt int64
}

// Decoder reads one RDB file from a stream. Everything that it refuses, it
// refuses with an *Error.
type Decoder struct {
	in      *input
	started bool
	err     error
	key     []byte
	value   []byte
	hash    []byte // the fields of a hash, one after another
	spans   []fieldSpan
	list    []Field
	scratch []byte // header fields
	packed  []byte // compressed strings
}

// NewDecoder makes a decoder that reads from r in large blocks; r needs no
// buffer of its own.
func NewDecoder(r io.Reader) *Decoder {
	return &Decoder{in: newInput(r)}
}

// Offset is how many bytes of the stream have been consumed.
func (d *Decoder) Offset() int64 { return d.in.offset() }

// Next returns the next key, or io.EOF when all have been read, the checksum
// is right and nothing follows it. Every other error is an *Error; it sticks.
func (d *Decoder) Next() (Entry, error) {
	if d.err != nil {
		return Entry{}, d.err
	}
	e, err := d.next()
	d.err = err
	return e, err
}

func (d *Decoder) next() (Entry, error) {
	if !d.started {
		if err := d.header(); err != nil {
			return Entry{}, err
		}
		d.started = true
	}
	var expireAt int64
	for {
		at := d.in.offset()
		op, err := d.in.byte()
		if err != nil {
			return Entry{}, err
		}
		switch op {
		case opExpireTimeMs:
			var ms uint64
			ms, err = d.in.uint64LE()
			expireAt = expiry(int64(ms))
		case opExpireTime:
			var s []byte
			if s, err = d.in.take(4); err == nil {
				expireAt = expiry(int64(int32(binary.LittleEndian.Uint32(s))) * 1000)
			}
		case opEOF:
			return Entry{}, d.finish()
		case opFunction, opFunctionOld:
			err = &Error{Offset: at, Problem: "the file holds a function library, which this server does not have", Fix: fixFeature}
		case opModuleAux:
			err = &Error{Offset: at, Problem: "the file holds data of a Redis module, which this server does not have", Fix: fixFeature}
		case opSelectDB, opAux, opResizeDB, opSlotInfo, opIdle, opFreq:
			err = d.skip(op, at)
		default:
			return d.entry(Type(op), expireAt, at)
		}
		if err != nil {
			return Entry{}, err
		}
	}
}

// expiry maps times before 1971, which no server writes, to the earliest one
// that is not "none", so that the key counts as expired.
func expiry(ms int64) int64 { return max(ms, 1) }

func (d *Decoder) header() error {
	p, err := d.in.take(headerSize)
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(p, []byte(magic)) {
		return &Error{Problem: fmt.Sprintf("not an RDB file: it starts with %q", p), Fix: "check the path, or move the file away to start empty"}
	}
	version, err := strconv.ParseUint(string(p[len(magic):]), 10, 32)
	if err != nil || version < minVersion || version > maxVersion {
		return &Error{Offset: int64(len(magic)), Problem: fmt.Sprintf("RDB version %q is not one of %d to %d", p[len(magic):], minVersion, maxVersion), Fix: fixVersion}
	}
	return nil
}

// skip reads the opcodes that carry no key. All but the database's number are
// hints or notes.
func (d *Decoder) skip(op byte, at int64) (err error) {
	switch op {
	case opAux:
		for range 2 {
			if d.scratch, err = d.string(d.scratch[:0]); err != nil {
				return err
			}
		}
	case opResizeDB:
		return d.lengths(2)
	case opSlotInfo:
		return d.lengths(3)
	case opIdle:
		return d.lengths(1)
	case opFreq:
		_, err = d.in.byte()
	case opSelectDB:
		db, err := d.length()
		if err != nil {
			return err
		}
		if db != 0 {
			return &Error{Offset: at, Problem: fmt.Sprintf("the file holds database %d, and this server has only database 0", db),
				Fix: "move its keys to database 0 or delete them on the server that wrote the file and save again, or move the file away to start empty"}
		}
	}
	return err
}

func (d *Decoder) entry(t Type, expireAt, at int64) (Entry, error) {
	if !t.known() {
		return Entry{}, &Error{Offset: at, Problem: fmt.Sprintf("byte 0x%02x is neither an opcode nor a value type", byte(t)), Fix: fixDamaged}
	}
	var err error
	if d.key, err = d.string(d.key[:0]); err != nil {
		return Entry{}, err
	}
	e := Entry{Key: d.key, Type: t, ExpireAt: expireAt}
	if err := d.payload(&e, at); err != nil {
		return Entry{}, err
	}
	return e, nil
}

// payload reads the value that follows a key, by its type.
func (d *Decoder) payload(e *Entry, at int64) (err error) {
	switch {
	case e.Type == String:
		d.value, err = d.string(d.value[:0])
		e.Value = d.value
		return err
	case e.Type.IsHash():
		e.Fields, err = d.allFields(e.Type)
		return err
	default:
		return &Error{Offset: at, Problem: fmt.Sprintf("key %s is a %v, which this server does not store", quote(e.Key), e.Type), Fix: fixFeature}
	}
}

// finish checks what follows the end mark: the checksum, and nothing more. A
// checksum of 0 means that the writer was configured to make none.
func (d *Decoder) finish() error {
	at, want := d.in.offset(), d.in.checksum()
	got, err := d.in.uint64LE()
	if err != nil {
		return err
	}
	if got != 0 && got != want {
		return &Error{Offset: at, Problem: fmt.Sprintf("the checksum is %016x and should be %016x", got, want), Fix: fixDamaged}
	}
	switch err := d.in.fill(1); err {
	case io.EOF:
		return io.EOF
	case nil:
		return &Error{Offset: d.in.offset(), Problem: "bytes follow the end of the snapshot", Fix: fixDamaged}
	default:
		return d.in.short(err)
	}
}
