package rdb

import (
	"bytes"
	"errors"
	"testing"
)

// FuzzReader: whatever the bytes, reading returns records or an *Error,
// and records that it has returned survive being written and read again.
func FuzzReader(f *testing.F) {
	f.Add([]byte(""))
	f.Add([]byte("\xFA\x09redis-ver\x057.2.0\xFE\x00\xFB\x02\x01\xFC\x01\x02\x03\x04\x05\x06\x07\x00\x00\x01k\x01v\x00\x01l\xC2\x01\x02\x03\x04"))
	f.Add([]byte("\x00\x01k\xC3\x04\x06\x00a\x60\x00\xF8\x05\xF9\x07\x00\xC0\x10\x40\x02ab"))
	f.Add([]byte("\x00\x81\x00\x00\x00\x00\x00\x00\x00\x01k\x80\x00\x00\x00\x01v\xFE\x01"))
	f.Add([]byte("\x10\x01h\x0E\x0E\x00\x00\x00\x02\x00\x81f\x02\x82ab\x03\xFF\x04\x01h\x01\x01f\x01v"))
	f.Add([]byte("\x18\x01h\x07\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01f\x01v\x03\x01g\x00"))
	f.Add([]byte("\x0E\x04list\x01\x01x"))
	f.Fuzz(func(t *testing.T, body []byte) {
		// A right frame, so that what is fuzzed is not the checksum.
		check(t, file("0010", string(body)))
		check(t, body)
	})
}

func check(t *testing.T, p []byte) {
	entries, err := decode(bytes.NewReader(p))
	var e *Error
	if err != nil && !errors.As(err, &e) {
		t.Fatalf("error %v (%T), want an *Error", err, err)
	}
	if err != nil && (e.Offset < 0 || e.Offset > int64(len(p))) {
		t.Fatalf("error %v is outside of the %d bytes", err, len(p))
	}
	var size int
	for _, x := range entries {
		size += len(x.Key) + len(x.Value)
		for _, f := range x.Fields {
			size += len(f.Name) + len(f.Value)
		}
	}
	if size > len(p)*lzfMaxRatio {
		t.Fatalf("%d bytes became %d", len(p), size)
	}
	for _, compress := range []bool{false, true} {
		again, err := decode(bytes.NewReader(encode(t, compress, entries...)))
		if err != nil {
			t.Fatalf("what was read can't be read again: %v", err)
		}
		same(t, again, entries)
	}
	// With what is skipped, at least as much is read.
	more, err := decodeWith(NewReader(bytes.NewReader(p), true))
	if err != nil && !errors.As(err, &e) {
		t.Fatalf("error %v (%T), want an *Error", err, err)
	}
	if len(more) < len(entries) {
		t.Fatalf("%d records, and %d when some are skipped", len(entries), len(more))
	}
}
