package rdb

import (
	"encoding/binary"

	"github.com/redistill-go/redistill/core/snapshot"
)

// Decoder turns blocks into records. The zero Decoder is ready.
type Decoder struct {
	fields  []Field
	scratch []byte // what is not in the stream as it is
	seen    names
}

// Each sums the block for Reader.Verify and calls visit for each of its
// records, whose bytes are valid during the call. It returns the first error of
// visit as it is, or an *Error. A hash without fields has Fields of length 0
// that are not nil.
func (d *Decoder) Each(b *Block, visit func(snapshot.Record) error) error {
	b.part.sum = checksum(0, b.data)
	c := cursor{p: b.data, at: b.at, format: b.format}
	for _, at := range b.records {
		c.pos = at
		r, err := d.record(&c)
		if err != nil {
			return whole(&c, err)
		}
		if err := visit(r); err != nil {
			return err
		}
	}
	return nil
}

// keptScratch is how much memory is kept from one record to the next.
const keptScratch = 1 << 20

func (d *Decoder) record(c *cursor) (r snapshot.Record, err error) {
	if cap(d.scratch) > keptScratch {
		d.scratch = nil
	}
	d.scratch = d.scratch[:0]
	t, err := d.head(c, &r)
	if err != nil {
		return r, err
	}
	if r.Key, err = c.string(&d.scratch); err != nil {
		return r, err
	}
	if t == String {
		r.Value, err = c.string(&d.scratch)
		return r, err
	}
	if d.fields = d.fields[:0]; d.fields == nil || cap(d.fields) > keptScratch/64 {
		d.fields = []Field{}
	}
	err = c.eachField(t, &d.scratch, &d.seen, false, func(f Field) error {
		d.fields = append(d.fields, f)
		return nil
	})
	r.Fields = d.fields
	return r, err
}

// head reads what stands before a key.
func (d *Decoder) head(c *cursor, r *snapshot.Record) (Type, error) {
	for {
		op, err := c.byte()
		switch op {
		case opExpireTimeMs:
			var ms uint64
			ms, err = c.uint64LE()
			r.ExpireAt = expiry(int64(ms))
		case opExpireTime:
			var s []byte
			if s, err = c.take(4); err == nil {
				r.ExpireAt = expiry(int64(int32(binary.LittleEndian.Uint32(s))) * 1000)
			}
		case opIdle:
			_, err = c.length()
		case opFreq:
			_, err = c.byte()
		case opKeyMeta:
			err = c.skipKeyMeta(true) // the reader has looked at it
		default:
			return Type(op), err
		}
		if err != nil {
			return 0, err
		}
	}
}
