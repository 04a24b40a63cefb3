package rdb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/redistill-go/redistill/core/snapshot"
)

// file makes a whole file of a body, with the right checksum.
func file(version, body string) []byte {
	p := []byte("REDIS" + version + body + "\xFF")
	return binary.LittleEndian.AppendUint64(p, checksum(0, p))
}

// valkeyFile is file in the name of Valkey.
func valkeyFile(version, body string) []byte {
	p := []byte("VALKEY" + version + body + "\xFF")
	return binary.LittleEndian.AppendUint64(p, checksum(0, p))
}

// decode reads all records, copied.
func decode(r io.Reader) ([]snapshot.Record, error) { return decodeWith(NewReader(r, false)) }

func decodeWith(in *Reader) ([]snapshot.Record, error) {
	var all []snapshot.Record
	var b Block
	var d Decoder
	for {
		err := in.Next(&b)
		if err == io.EOF {
			return all, in.Verify()
		}
		if err == nil {
			err = d.Each(&b, func(r snapshot.Record) error {
				r.Key, r.Value = bytes.Clone(r.Key), bytes.Clone(r.Value)
				if r.Fields != nil {
					r.Fields = append([]Field{}, r.Fields...)
				}
				for i, f := range r.Fields {
					r.Fields[i].Name, r.Fields[i].Value = bytes.Clone(f.Name), bytes.Clone(f.Value)
				}
				all = append(all, r)
				return nil
			})
		}
		if err != nil {
			return all, err
		}
	}
}

func TestReader(t *testing.T) {
	tests := []struct {
		name, version, body string
		want                []snapshot.Record
	}{
		{"nothing", "0010", "", nil},
		{"oldest version", "0005", "\xFE\x00\x00\x01k\x01v", []snapshot.Record{{Key: []byte("k"), Value: []byte("v")}}},
		{"newest version", "0012", "\xFA\x01a\x01b\xFE\x00\xF4\x01\x02\x03\x00\x01k\x01v", []snapshot.Record{{Key: []byte("k"), Value: []byte("v")}}},
		{"no database opcode", "0010", "\x00\x00\x00", []snapshot.Record{{Key: []byte{}, Value: []byte{}}}},
		{"seconds", "0010", "\xFD\x01\x00\x00\x00\x00\x01k\x01v", []snapshot.Record{{Key: []byte("k"), Value: []byte("v"), ExpireAt: 1000}}},
		{"milliseconds", "0010", "\xFC\x01\x01\x00\x00\x00\x00\x00\x00\x00\x01k\x01v", []snapshot.Record{{Key: []byte("k"), Value: []byte("v"), ExpireAt: 257}}},
		{"expiry is of one key", "0010", "\xFC\x05\x00\x00\x00\x00\x00\x00\x00\x00\x01k\x01v\x00\x01l\x01v", []snapshot.Record{{Key: []byte("k"), Value: []byte("v"), ExpireAt: 5}, {Key: []byte("l"), Value: []byte("v")}}},
		{"expiry before 1970 is not none", "0010", "\xFC\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x00\x01k\x01v", []snapshot.Record{{Key: []byte("k"), Value: []byte("v"), ExpireAt: 1}}},
		{"idle and frequency", "0010", "\xF8\x05\xF9\x07\x00\x01k\x01v", []snapshot.Record{{Key: []byte("k"), Value: []byte("v")}}},
		{"integers", "0010", "\x00\xC0\xFF\xC1\x00\x80\x00\xC2\xFF\xFF\xFF\x7F\x01v", []snapshot.Record{{Key: []byte("-1"), Value: []byte("-32768")}, {Key: []byte("2147483647"), Value: []byte("v")}}},
		{"compressed", "0010", "\x00\x01k\xC3\x04\x06\x00a\x60\x00", []snapshot.Record{{Key: []byte("k"), Value: []byte("aaaaaa")}}},
		{"hash", "0010", "\x04\x01h\x02\x01f\x01v\xC0\x05\x00", []snapshot.Record{{Key: []byte("h"), Fields: []Field{{Name: []byte("f"), Value: []byte("v")}, {Name: []byte("5")}}}}},
		{"hash without fields", "0010", "\x04\x01h\x00\x00\x01k\x01v", []snapshot.Record{{Key: []byte("h"), Fields: []Field{}}, {Key: []byte("k"), Value: []byte("v")}}},
		{"listpack", "0010", "\x10\x01h\x0E\x0E\x00\x00\x00\x02\x00\x81f\x02\x82ab\x03\xFF", []snapshot.Record{{Key: []byte("h"), Fields: []Field{{Name: []byte("f"), Value: []byte("ab")}}}}},
		{"hash with expiries", "0012", "\x18\x01h\x07\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01f\x01v\x03\x01g\x00", []snapshot.Record{{Key: []byte("h"), Fields: []Field{{Name: []byte("f"), Value: []byte("v")}, {Name: []byte("g"), ExpireAt: 9}}}}},
		{"hash with expiries of Valkey, in a file of Redis's", "0011", "\x16\x01h\x02\x01f\x01v\x09\x00\x00\x00\x00\x00\x00\x00\x01g\x00\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", []snapshot.Record{{Key: []byte("h"), Fields: []Field{{Name: []byte("f"), Value: []byte("v"), ExpireAt: 9}, {Name: []byte("g")}}}}},
		{"hash with expiries of a release candidate", "0012", "\x16\x01h\x01\x09\x01f\x01v", []snapshot.Record{{Key: []byte("h"), Fields: []Field{{Name: []byte("f"), Value: []byte("v"), ExpireAt: 9}}}}},
		{"metadata that may be ignored", "0013", "\xFC\x05\x00\x00\x00\x00\x00\x00\x00\xF3\x02\x01abc\x02\x07\x05\x01x\x00\x01abd\x00\x00\x01k\x01v", []snapshot.Record{{Key: []byte("k"), Value: []byte("v"), ExpireAt: 5}}},
		{"long forms of a length", "0010", "\x00\x80\x00\x00\x00\x01k\x81\x00\x00\x00\x00\x00\x00\x00\x01v", []snapshot.Record{{Key: []byte("k"), Value: []byte("v")}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for name, r := range map[string]io.Reader{
				"whole":  bytes.NewReader(file(test.version, test.body)),
				"pieces": iotest.OneByteReader(bytes.NewReader(file(test.version, test.body))),
				"eof":    iotest.DataErrReader(bytes.NewReader(file(test.version, test.body))),
			} {
				got, err := decode(r)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				same(t, got, test.want)
			}
		})
	}
}

func same(t testing.TB, got, want []snapshot.Record) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d entries, want %d", len(got), len(want))
	}
	for i, g := range got {
		if w := want[i]; !bytes.Equal(g.Key, w.Key) || !bytes.Equal(g.Value, w.Value) || g.ExpireAt != w.ExpireAt ||
			(g.Fields == nil) != (w.Fields == nil) || !sameFields(g.Fields, w.Fields) {
			t.Fatalf("entry %d is %+v, want %+v", i, g, w)
		}
	}
}

func TestReaderRefuses(t *testing.T) {
	const header = 9
	tests := []struct {
		name, body string
		offset     int64
		problem    string
	}{
		{"list", "\x00\x01k\x01v\x01\x06mylist\x01\x01x", header + 5, `key "mylist" is of type list, which this server does not have`},
		{"hash", "\x10\x06myhash\x01x", header + 8, "the fields of a hash are packed wrongly"},
		{"set", "\x02\x05myset\x01x", header, `key "myset" is of type set`},
		{"module value", "\x07\x01m", header, `key "m" is of type module value`},
		{"long key", "\x15\x40\x64" + strings.Repeat("k", 100), header, `key "` + strings.Repeat("k", 64) + `"... is of type stream`},
		{"unknown type", "\x63\x01k\x01v", header, "byte 0x63 is neither an opcode nor a value type"},
		{"old functions", "\xF6\x01f", header, "function library"},
		{"database", "\xFE\x00\x00\x01k\x01v\xFE\x03", header + 7, "database 3"},
		{"functions", "\xF5\x01f", header, "function library"},
		{"module data", "\xF7\x01", header, "data of a module"},
		{"encoding", "\x00\xC4", header + 1, "string encoding 4"},
		{"length", "\x00\x82", header + 1, "byte 0x82 does not start a length"},
		{"string for a number", "\xFB\xC0\x01\x00", header + 1, "a string stands where a number should"},
		{"key over the limit", "\x00\x80\x20\x00\x00\x01", header + 1, "a string of 536870913 bytes is longer than the limit"},
		{"largest length", "\x00\x01k\x81\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", header + 3, "a string of 18446744073709551615 bytes"},
		{"compressed bomb", "\x00\x01k\xC3\x03\x80\x1F\xFF\xFF\xFF\x00a\x60\x00", header + 3, "3 compressed bytes can't stand for 536870911"},
		{"compressed over the limit", "\x00\x01k\xC3\x03\x80\xFF\xFF\xFF\xFF", header + 5, "a string of 4294967295 bytes"},
		{"compressed wrongly", "\x00\x01k\xC3\x04\x05\x00a\x60\x00", header + 3, "cannot be decompressed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in := NewReader(bytes.NewReader(file("0010", test.body)), false)
			_, err := decodeWith(in)
			wantError(t, err, test.offset, test.problem)
		})
	}
}

func wantError(t testing.TB, err error, offset int64, problem string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v (%T), want an *Error", err, err)
	}
	if e.Offset != offset || !strings.Contains(e.Problem, problem) || e.Fix == "" {
		t.Fatalf("error %q, want offset %d and %q and what to do", e, offset, problem)
	}
}

func TestReaderHeader(t *testing.T) {
	for name, p := range map[string][]byte{
		"magic":                []byte("<!DOCTYPE html>"),
		"version":              file("0004", ""),
		"future":               file("0015", ""),
		"valkey of no version": valkeyFile("079", ""),
		"future valkey":        valkeyFile("081", ""),
		"cut magic":            []byte("VALKY080"),
		"letters":              file("00x0", ""),
		"sign":                 file("+010", ""),
	} {
		var e *Error
		if _, err := decode(bytes.NewReader(p)); !errors.As(err, &e) {
			t.Errorf("%s: error %v, want an *Error", name, err)
		}
	}
}

// A file that this server can't read is not called something else.
func TestReaderSaysWhatItIs(t *testing.T) {
	for name, want := range map[string]string{
		string(file("0015", "")):                                           "offset 5: version \"0015\" of REDIS files is none of those that this server reads: 5 to 14 of Redis, and 80 of Valkey; update this server",
		string(valkeyFile("081", "")):                                      "offset 6: version \"081\" of VALKEY files",
		string(valkeyFile("080", "\x12\x03lst\x00")):                       "offset 9: key \"lst\" is of type list, which this server does not have; delete this",
		string(valkeyFile("080", "\x18\x03key\x00")):                       "offset 9: byte 0x18 is neither an opcode nor a value type",
		string(valkeyFile("080", "\xF3\x03job\x01\x00\x05")):               "offset 9: the file holds part of a cluster's slots",
		string(file("0014", "\x1b\x03str\x00")):                            "offset 9: key \"str\" is of type stream",
		string(file("0014", "\x1c\x03arr\x00")):                            "offset 9: key \"arr\" is of type array",
		string(file("0013", "\xF3\x01\x06\x00\x00\x00\x00\x00\x01k\x01v")): "offset 10: a key has metadata of a Redis module",
		string(file("0012", "\xF3\x01")):                                   "offset 9: byte 0xf3 is neither",
		"<!DOCTYPE":                                                        "not an RDB file: it starts with \"<!DOCTYPE\"; check the path",
	} {
		if _, err := decode(bytes.NewReader([]byte(name))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: error %v, want %q", name, err, want)
		}
	}
}

func TestReaderEnd(t *testing.T) {
	good := encode(t, false, snapshot.Record{Key: []byte("k"), Value: []byte("v")})
	none := bytes.Clone(good)
	clear(none[len(none)-8:])
	if _, err := decode(bytes.NewReader(none)); err != nil {
		t.Errorf("a file without a checksum: %v", err)
	}
	// What follows the end is not the file's: Redis and Valkey don't look at it.
	want, err := decode(bytes.NewReader(good))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{1, 7, 8, 9, 100, 3 * BlockSize} {
		in := NewReader(bytes.NewReader(append(bytes.Clone(good), bytes.Repeat([]byte{0xFA}, n)...)), false)
		got, err := decodeWith(in)
		if err != nil || in.Offset() != int64(len(good)) {
			t.Errorf("%d bytes behind the end: %v, and %d bytes of the file are read of %d", n, err, in.Offset(), len(good))
		}
		same(t, got, want)
	}
}

// TestReaderDamage flips every bit of a file and cuts it everywhere.
func TestReaderDamage(t *testing.T) {
	good := encode(t, false, snapshot.Record{Key: []byte("key"), Value: []byte("value"), ExpireAt: 4_102_444_800_000}, snapshot.Record{Key: []byte("other"), Value: bytes.Repeat([]byte("v"), 100)},
		snapshot.Record{Key: []byte("hash"), Fields: []Field{{Name: []byte("f"), Value: []byte("v")}, {Name: []byte("g"), ExpireAt: 9}}})
	var e *Error
	for i := range good {
		if _, err := decode(bytes.NewReader(good[:i])); !errors.As(err, &e) {
			t.Fatalf("cut at %d: error %v, want an *Error", i, err)
		} else if e.Offset != int64(i) {
			t.Fatalf("cut at %d: error %v names another offset", i, err)
		}
		for bit := range 8 {
			bad := bytes.Clone(good)
			bad[i] ^= 1 << bit
			if _, err := decode(bytes.NewReader(bad)); !errors.As(err, &e) {
				t.Fatalf("bit %d of byte %d flipped: error %v, want an *Error", bit, i, err)
			}
		}
	}
}

// TestReaderBlocks reads values around the sizes at which the buffer turns.
func TestReaderBlocks(t *testing.T) {
	var want []snapshot.Record
	for _, n := range []int{BlockSize - 30, BlockSize - 1, BlockSize, BlockSize + 1, 3*BlockSize + 7, 0, 1, 1 << 14, 1<<14 - 1} {
		value := make([]byte, n)
		for i := range value {
			value[i] = byte(i * 31 >> 3)
		}
		want = append(want, snapshot.Record{Key: []byte{byte(len(want))}, Value: value, ExpireAt: int64(n)})
	}
	got, err := decode(bytes.NewReader(encode(t, false, want...)))
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, want)
}

func TestReaderReadError(t *testing.T) {
	good := encode(t, false, snapshot.Record{Key: []byte("k"), Value: []byte("v")})
	broken := errors.New("input/output error")
	_, err := decode(io.MultiReader(bytes.NewReader(good[:12]), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) {
		t.Errorf("error %v, want the reader's", err)
	}
	wantError(t, err, 12, "cannot be read")
	if _, err := decode(stuck{}); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("a reader that gives nothing: %v", err)
	}
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

// TestReaderClaims: a short file that claims a huge string costs little.
func TestReaderClaims(t *testing.T) {
	p := []byte("REDIS0010\x00\x80\x1f\x00\x00\x00short")
	in := NewReader(bytes.NewReader(p), false)
	var b Block
	err := in.Next(&b)
	wantError(t, err, int64(len(p)), "ends too early")
	if cap(b.data) > BlockSize {
		t.Errorf("%d bytes were allocated for 5", cap(b.data))
	}
	if again := in.Next(&b); again != err {
		t.Errorf("the error does not stick: then %v", again)
	}
}

// BenchmarkDecoder reads hashes of ten fields.
func BenchmarkDecoder(b *testing.B) {
	var records []snapshot.Record
	for i := range 2000 {
		r := snapshot.Record{Key: fmt.Append(nil, "key:", i)}
		for j := range 10 {
			r.Fields = append(r.Fields, Field{Name: fmt.Append(nil, "field:", j), Value: fmt.Append(nil, "value ", i, j)})
		}
		records = append(records, r)
	}
	p := encode(b, false, records...)
	b.SetBytes(int64(len(p)))
	var block Block
	var d Decoder
	for b.Loop() {
		in := NewReader(bytes.NewReader(p), false)
		for in.Next(&block) == nil {
			if err := d.Each(&block, func(snapshot.Record) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
	}
}
