package rdb

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
)

// encode makes a file of the entries, with no header fields.
func encode(t testing.TB, entries ...Entry) []byte {
	t.Helper()
	var b bytes.Buffer
	e := NewEncoder(&b)
	if err := e.Begin(len(entries)); err != nil {
		t.Fatal(err)
	}
	for _, x := range entries {
		if x.Fields != nil {
			if err := e.WriteHash(x.Key, x.Fields, x.ExpireAt); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := e.WriteString(x.Key, x.Value, x.ExpireAt); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Finish(); err != nil {
		t.Fatal(err)
	}
	if e.Written() != int64(b.Len()) {
		t.Fatalf("Written is %d for %d bytes", e.Written(), b.Len())
	}
	return b.Bytes()
}

// TestEncoderBytes holds the encoder to the format's own bytes, which a round
// trip would not notice.
func TestEncoderBytes(t *testing.T) {
	var b bytes.Buffer
	e := NewEncoder(&b)
	for _, err := range []error{
		e.Begin(70, Aux{"redis-ver", "7.2.0"}),
		e.WriteString([]byte("k"), []byte("v"), 0),
		e.WriteString([]byte("x"), []byte(strings.Repeat("y", 64)), 0x0102030405060708),
		e.WriteHash([]byte("h"), []Field{{Name: []byte("f"), Value: []byte("v")}, {Name: []byte("g")}}, 1),
		e.WriteHash([]byte("h"), []Field{{Name: []byte("f"), Value: []byte("v")}, {Name: []byte("g"), ExpireAt: 9}, {Name: []byte("i"), ExpireAt: 7}}, 0),
		e.Finish(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := "REDIS0010" +
		"\xFA\x09redis-ver\x057.2.0" +
		"\xFE\x00" + "\xFB\x40\x46\x00" +
		"\x00\x01k\x01v" +
		"\xFC\x08\x07\x06\x05\x04\x03\x02\x01\x00\x01x\x40\x40" + strings.Repeat("y", 64) +
		"\xFC\x01\x00\x00\x00\x00\x00\x00\x00\x04\x01h\x02\x01f\x01v\x01g\x00" +
		"\x18\x01h\x07\x00\x00\x00\x00\x00\x00\x00\x03\x00\x01f\x01v\x03\x01g\x00\x01\x01i\x00" +
		"\xFF"
	got := b.Bytes()[:max(b.Len()-checksumSize, 0)]
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", hex.Dump(got), hex.Dump([]byte(want)))
	}
}

func TestEncoderLengths(t *testing.T) {
	for n, want := range map[uint64]string{
		0:         "00",
		63:        "3f",
		64:        "4040",
		16383:     "7fff",
		16384:     "8000004000",
		1<<32 - 1: "80ffffffff",
		1 << 32:   "810000000100000000",
	} {
		e := NewEncoder(nil)
		e.length(n)
		if got := hex.EncodeToString(e.buf); got != want {
			t.Errorf("length %d is written as %s, want %s", n, got, want)
			continue
		}
		back, err := (&Decoder{in: newInput(bytes.NewReader(e.buf))}).length()
		if err != nil || back != n {
			t.Errorf("length %d is read as %d, %v", n, back, err)
		}
	}
}

var errFull = errors.New("no space left")

// fullDisk takes so many bytes.
type fullDisk struct{ left int }

func (d *fullDisk) Write(p []byte) (int, error) {
	n := min(len(p), d.left)
	d.left -= n
	if n < len(p) {
		return n, errFull
	}
	return n, nil
}

func TestEncoderFullDisk(t *testing.T) {
	value := bytes.Repeat([]byte("v"), blockSize+1)
	for left := 0; left < 3*blockSize; left += blockSize / 3 {
		e := NewEncoder(&fullDisk{left})
		_ = e.Begin(1) // the error sticks
		_ = e.WriteString([]byte("a"), value[:100], 0)
		_ = e.WriteString([]byte("b"), value, 0)
		_ = e.WriteString([]byte("c"), value, 0)
		_ = e.WriteString([]byte("d"), value, 0)
		if err := e.Finish(); !errors.Is(err, errFull) {
			t.Fatalf("with room for %d bytes, Finish returns %v", left, err)
		}
		if err := e.WriteString(nil, nil, 0); !errors.Is(err, errFull) {
			t.Fatalf("the error does not stick: %v", err)
		}
	}
}

func TestEncoderAllocates(t *testing.T) {
	var b bytes.Buffer
	b.Grow(64 << 20)
	e := NewEncoder(&b)
	key, value := []byte("key"), bytes.Repeat([]byte("v"), 256)
	fields := []Field{{Name: key, Value: value}, {Name: value, Value: key, ExpireAt: 1}}
	if n := testing.AllocsPerRun(1000, func() {
		if err := errors.Join(e.WriteString(key, value, 1), e.WriteHash(key, fields, 1)); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations per key", n)
	}
}
