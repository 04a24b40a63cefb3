package rdb

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
)

// ErrFooter says that a payload's version or its checksum is wrong.
var ErrFooter = errors.New("version or checksum are wrong")

// expiryVersion is the version of a payload with expiries of fields.
const expiryVersion = 12

// footerSize is the length of what ends a payload: the version and a checksum.
const footerSize = 2 + checksumSize

// AppendString appends the payload of a string: what DUMP replies with. Small
// integers become numbers, as in Redis; nothing is compressed.
func AppendString(dst, value []byte) []byte {
	start := len(dst)
	dst = append(dst, byte(String))
	if n, ok := smallInteger(value); ok {
		dst = appendInteger(dst, n)
	} else {
		dst = append(appendLength(dst, uint64(len(value))), value...)
	}
	return appendFooter(dst, start, Version)
}

// smallInteger is the integer of 32 bits that the text is the only form of.
func smallInteger(text []byte) (int32, bool) {
	if len(text) == 0 || len(text) > len("-2147483648") {
		return 0, false
	}
	n, err := strconv.ParseInt(string(text), 10, 32)
	if err != nil || strconv.FormatInt(n, 10) != string(text) {
		return 0, false
	}
	return int32(n), true
}

func appendInteger(dst []byte, n int32) []byte {
	switch {
	case n == int32(int8(n)):
		return append(dst, lenEncoded|encInt8, byte(n))
	case n == int32(int16(n)):
		return binary.LittleEndian.AppendUint16(append(dst, lenEncoded|encInt16), uint16(n))
	default:
		return binary.LittleEndian.AppendUint32(append(dst, lenEncoded|encInt32), uint32(n))
	}
}

// appendFooter ends the payload that begins at start.
func appendFooter(dst []byte, start int, version uint16) []byte {
	dst = binary.LittleEndian.AppendUint16(dst, version)
	return binary.LittleEndian.AppendUint64(dst, checksum(0, dst[start:]))
}

// Payload is what DUMP made of one value, with its checksum found right.
type Payload struct {
	Type Type
	// Value is the value of a String that is not compressed or shorter than
	// KeepPacked. It may be a part of the payload.
	Value []byte

	packed span // of any other String
	body   []byte
	format format
}

// OpenPayload checks a payload, all of it but a long string that is compressed,
// which Decode checks. It returns
// ErrFooter or an *Error; a hash without fields is one, and so is a field that
// comes twice. With the error for a type that this server does not have comes a
// Payload of that Type, and with every other the zero Payload.
func OpenPayload(p []byte) (Payload, error) {
	end := len(p) - footerSize
	if end < 1 {
		return Payload{}, ErrFooter
	}
	f := payloadFormat(binary.LittleEndian.Uint16(p[end:]))
	sum := binary.LittleEndian.Uint64(p[len(p)-checksumSize:])
	if !f.known() || sum != checksum(0, p[:len(p)-checksumSize]) {
		return Payload{}, ErrFooter
	}
	c := cursor{p: p[:end], format: f}
	t, err := c.payloadType()
	if err != nil {
		return Payload{}, whole(&c, err)
	}
	out := Payload{Type: t, body: c.p[c.pos:], format: f}
	switch {
	case t == String:
		s, err := c.span()
		if err == nil && s.encoding == encLZF && s.size >= KeepPacked {
			out.packed = s
			return out, nil
		}
		var scratch []byte
		if err == nil {
			out.Value, err = s.decode(&scratch)
		}
		if err != nil {
			return Payload{}, whole(&c, err)
		}
		return out, nil
	case f.isHash(t):
		if err := out.check(); err != nil {
			return Payload{}, err
		}
		return out, nil
	case f.has(t):
		return Payload{Type: t}, &Error{Problem: fmt.Sprintf("the value is of type %v, which this server does not have", t), Fix: fixFeature}
	}
	return Payload{}, notAType(byte(t), 0)
}

// KeepPacked is the length in bytes from which a compressed string is decoded by
// Decode alone, to where its caller wants it.
const KeepPacked = 64 << 10

// Len is the length of a String.
func (p Payload) Len() int { return max(len(p.Value), p.packed.size) }

// Decode writes a String to dst, which is Len bytes long. It returns an *Error.
func (p Payload) Decode(dst []byte) error {
	if p.packed.body != nil {
		return p.packed.unpack(dst)
	}
	copy(dst, p.Value)
	return nil
}

// PayloadSize is how many bytes the strings of a payload are, decoded: about
// what its value takes. Nothing is decoded for that. Of a damaged payload it is
// the size of what comes before the damage.
func PayloadSize(p []byte) int64 {
	end := len(p) - footerSize
	if end < 1 {
		return 0
	}
	c := cursor{p: p[:end], format: payloadFormat(binary.LittleEndian.Uint16(p[end:]))}
	t, err := c.payloadType()
	if err == nil && (t == String || c.format.isHash(t)) {
		_ = c.skipValue(t, 0)
	}
	return c.decoded
}

// payloadType reads the type of a payload and what may stand before it.
func (c *cursor) payloadType() (Type, error) {
	b, err := c.byte()
	if err == nil && b == opKeyMeta && !c.format.valkey && c.format.version >= keyMeta {
		if err = c.skipKeyMeta(false); err == nil {
			b, err = c.byte()
		}
	}
	return Type(b), err
}

// check decodes a hash and finds everything that is wrong with it.
func (p Payload) check() error {
	var seen names
	err := p.each(&seen, func(Field) error { return nil })
	if err == nil && seen.n == 0 {
		return &Error{Problem: "a hash has no fields", Fix: fixDamaged}
	}
	return err
}

// Fields decodes the value of a hash, from the start on each call, and calls
// visit for each field, whose bytes are valid during the call. It returns the
// first error of visit.
func (p Payload) Fields(visit func(Field) error) error { return p.each(nil, visit) }

func (p Payload) each(seen *names, visit func(Field) error) error {
	c := cursor{p: p.body, format: p.format}
	var scratch []byte
	return whole(&c, c.eachField(p.Type, &scratch, seen, true, visit))
}

// whole makes a problem of it when the bytes of c end too early.
func whole(c *cursor, err error) error {
	if errors.Is(err, errMore) {
		return ended(c.at + int64(len(c.p)))
	}
	return err
}
