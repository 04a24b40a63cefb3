package rdb

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/redistill-go/redistill/core/snapshot"
)

// encode makes a file of the records, with no header fields.
func encode(t testing.TB, compress bool, records ...snapshot.Record) []byte {
	t.Helper()
	var b bytes.Buffer
	w := NewWriter(&b)
	if err := w.Begin(len(records)); err != nil {
		t.Fatal(err)
	}
	e := w.Encoder(compress)
	for _, r := range records {
		if err := e.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(e.Flush(), w.Finish()); err != nil {
		t.Fatal(err)
	}
	if w.Written() != int64(b.Len()) {
		t.Fatalf("Written is %d for %d bytes", w.Written(), b.Len())
	}
	return b.Bytes()
}

// TestEncoderBytes holds the encoder to the format's own bytes, which a round
// trip would not notice.
func TestEncoderBytes(t *testing.T) {
	var b bytes.Buffer
	w := NewWriter(&b)
	errs := []error{w.Begin(70, Aux{"redis-ver", "7.2.0"})}
	e := w.Encoder(false)
	for _, err := range append(errs,
		e.Write(snapshot.Record{Key: []byte("k"), Value: []byte("v")}),
		e.Write(snapshot.Record{Key: []byte("x"), Value: []byte(strings.Repeat("y", 64)), ExpireAt: 0x0102030405060708}),
		e.Write(snapshot.Record{Key: []byte("h"), Fields: []Field{{Name: []byte("f"), Value: []byte("v")}, {Name: []byte("g")}}, ExpireAt: 1}),
		e.Write(snapshot.Record{Key: []byte("h"), Fields: []Field{{Name: []byte("f"), Value: []byte("v")}, {Name: []byte("g"), ExpireAt: 9}, {Name: []byte("i"), ExpireAt: 7}}}),
		e.Flush(),
		w.Finish(),
	) {
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
		p := appendLength(nil, n)
		if got := hex.EncodeToString(p); got != want {
			t.Errorf("length %d is written as %s, want %s", n, got, want)
			continue
		}
		back, err := (&cursor{p: p}).length()
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
	value := bytes.Repeat([]byte("v"), BlockSize+1)
	for left := 0; left < 3*BlockSize; left += BlockSize / 3 {
		w := NewWriter(&fullDisk{left})
		_ = w.Begin(1) // the error sticks
		e := w.Encoder(false)
		for _, key := range []string{"a", "b", "c", "d"} {
			_ = e.Write(snapshot.Record{Key: []byte(key), Value: value})
		}
		if err := e.Write(snapshot.Record{}); !errors.Is(err, errFull) {
			t.Fatalf("with room for %d bytes, Write returns %v", left, err)
		}
		if err := e.Flush(); !errors.Is(err, errFull) {
			t.Fatalf("with room for %d bytes, Flush returns %v", left, err)
		}
		if err := w.Finish(); !errors.Is(err, errFull) {
			t.Fatalf("with room for %d bytes, Finish returns %v", left, err)
		}
	}
}

// TestEncoders: several at once, with records that are larger than a block,
// make one file.
func TestEncoders(t *testing.T) {
	for _, compress := range []bool{false, true} {
		var b bytes.Buffer
		w := NewWriter(&b)
		if err := w.Begin(0); err != nil {
			t.Fatal(err)
		}
		var want []snapshot.Record
		var running sync.WaitGroup
		for n := range 4 {
			var mine []snapshot.Record
			for i := range 300 {
				r := snapshot.Record{Key: fmt.Appendf(nil, "%d:%03d", n, i), Value: bytes.Repeat([]byte{byte(i), byte(i * n)}, i*i/10)}
				switch i % 100 {
				case 99:
					r.Value = bytes.Repeat([]byte("large value "), BlockSize/4)
				case 49:
					r.Value, r.Fields = nil, []Field{{Name: r.Value, Value: make([]byte, BlockSize)}, {Name: []byte("g"), Value: make([]byte, BlockSize+i), ExpireAt: 7}}
				}
				mine = append(mine, r)
			}
			want = append(want, mine...)
			running.Go(func() {
				e := w.Encoder(compress)
				for _, r := range mine {
					if err := e.Write(r); err != nil {
						t.Error(err)
					}
				}
				if err := e.Flush(); err != nil {
					t.Error(err)
				}
			})
		}
		running.Wait()
		if err := w.Finish(); err != nil {
			t.Fatal(err)
		}
		got, err := decode(&b)
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(got, func(a, b snapshot.Record) int { return bytes.Compare(a.Key, b.Key) })
		same(t, got, want)
	}
}

func TestEncoderAllocates(t *testing.T) {
	for _, compress := range []bool{false, true} {
		w := NewWriter(io.Discard)
		e := w.Encoder(compress)
		key, value := []byte("key"), bytes.Repeat([]byte("v"), 256)
		r := snapshot.Record{Key: key, Value: value, ExpireAt: 1}
		h := snapshot.Record{Key: key, Fields: []Field{{Name: key, Value: value}, {Name: value, Value: key, ExpireAt: 1}}}
		if n := testing.AllocsPerRun(1000, func() {
			if err := errors.Join(e.Write(r), e.Write(h)); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%v allocations per key", n)
		}
	}
}

func BenchmarkEncoder(b *testing.B) {
	for name, s := range samples() {
		for _, compress := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/compress=%v", name, compress), func(b *testing.B) {
				w := NewWriter(io.Discard)
				e := w.Encoder(compress)
				r := snapshot.Record{Key: []byte("key:000000012345"), Value: s.value}
				b.SetBytes(int64(len(s.value)))
				for b.Loop() {
					if err := e.Write(r); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
