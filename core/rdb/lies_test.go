package rdb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// lie is a value that says something wrong about itself.
type lie struct {
	name, body string
	version    uint16 // 0: 12
}

// listpackWith is a listpack that claims to have so many elements and, in all,
// so many bytes more than it has.
func listpackWith(count uint16, more int, elements ...string) string {
	p := []byte(listpackOf(elements...))
	binary.LittleEndian.PutUint32(p, uint32(len(p)+more))
	binary.LittleEndian.PutUint16(p[4:], count)
	return string(p)
}

// ziplistWith is a ziplist that claims to have so many elements, the last of
// them at a place, and, in all, so many bytes more than it has.
func ziplistWith(count uint16, last uint32, more int, elements ...string) string {
	p := []byte(ziplistOf(elements...))
	binary.LittleEndian.PutUint32(p, uint32(len(p)+more))
	binary.LittleEndian.PutUint32(p[4:], last)
	binary.LittleEndian.PutUint16(p[8:], count)
	return string(p)
}

func milliseconds(at int64) string { return string(binary.LittleEndian.AppendUint64(nil, uint64(at))) }

// number is one of 64 bits in a listpack.
func number(n int64) string { return "\xf4" + milliseconds(n) + "\x09" }

const f, v, g, w = "\x81f\x02", "\x81v\x02", "\x81g\x02", "\x81w\x02"

// lies are refused by Redis 8.0 with sanitize-dump-payload, and those of
// Valkey's own types by Valkey 9.1.
func lies() []lie {
	const at = 4_102_444_800_000
	lp := func(packed string) string { return hashBody(hashListpack, "", packed) }
	ex := func(elements ...string) string {
		return hashBody(hashListpackEx, milliseconds(at), listpackOf(elements...))
	}
	zl := func(packed string) string { return hashBody(hashZiplist, "", packed) }
	longest := string(binary.BigEndian.AppendUint64([]byte{0x81}, 1<<48))
	return []lie{
		{"listpack: count, one more", lp(listpackWith(3, 0, f, v)), 0},
		{"listpack: count, two more", lp(listpackWith(4, 0, f, v)), 0},
		{"listpack: count, two less", lp(listpackWith(2, 0, f, v, g, w)), 0},
		{"listpack: count 0", lp(listpackWith(0, 0, f, v)), 0},
		{"listpack: odd", lp(listpackOf(f, v, g)), 0},
		{"listpack: odd, count even", lp(listpackWith(2, 0, f, v, g)), 0},
		{"listpack: one byte more", lp(listpackWith(2, 1, f, v)), 0},
		{"listpack: one byte less", lp(listpackWith(2, -1, f, v)), 0},
		{"listpack: bytes behind it", lp(listpackOf(f, v) + "x"), 0},
		{"listpack: no end", lp(strings.TrimSuffix(listpackOf(f, v), "\xff") + "\xfe"), 0},
		{"listpack: an end in the middle", lp(listpackOf(f, v, "\xff")), 0},
		{"listpack: back length too long", lp(listpackOf("\x81f\x03", v)), 0},
		{"listpack: back length too short", lp(listpackOf(f, "\x81v\x01")), 0},
		{"listpack: back length 0", lp(listpackOf("\x81f\x00", v)), 0},
		{"listpack: back length in two bytes", lp(listpackOf("\x81f\x00\x82", v)), 0},
		{"listpack: back length of a long string", lp(listpackOf(f, "\xe0\xc8"+strings.Repeat("l", 200)+"\x01\xc9")), 0},
		{"listpack: back length without its mark", lp(listpackOf(f, "\xe0\xc8"+strings.Repeat("l", 200)+"\x01\x4a")), 0},
		{"listpack: field twice", lp(listpackOf(f, v, f, w)), 0},
		{"listpack: field twice, as number and text", lp(listpackOf("\x05\x01", v, "\x815\x02", w)), 0},
		{"listpack: empty", lp(listpackOf()), 0},
		{"listpack: an encoding that is none", lp(listpackOf(f, "\xf5\x01")), 0},
		{"listpack: string beyond the end", lp(listpackOf(f, "\x85v\x02")), 0},
		{"listpack: string of 4 GiB", lp(listpackOf(f, "\xf0\xff\xff\xff\xffv\x06")), 0},
		{"listpack: number beyond the end", lp(listpackOf(f, "\xf4\x01")), 0},

		{"ziplist: count, one more", zl(ziplistWith(3, 13, 0, "\x00\x01f", "\x03\x01v")), 0},
		{"ziplist: count, two more", zl(ziplistWith(4, 13, 0, "\x00\x01f", "\x03\x01v")), 0},
		{"ziplist: odd", zl(ziplistOf("\x00\x01f")), 0},
		{"ziplist: one byte more", zl(ziplistWith(2, 13, 1, "\x00\x01f", "\x03\x01v")), 0},
		{"ziplist: last is the first", zl(ziplistWith(2, 10, 0, "\x00\x01f", "\x03\x01v")), 0},
		{"ziplist: last is nowhere", zl(ziplistWith(2, 1<<31, 0, "\x00\x01f", "\x03\x01v")), 0},
		{"ziplist: length of the one before", zl(ziplistOf("\x00\x01f", "\x02\x01v")), 0},
		{"ziplist: one before the first", zl(ziplistOf("\x01\x01f", "\x03\x01v")), 0},
		{"ziplist: length of the one before, wide", zl(ziplistOf("\x00\x01f", "\xfe\x04\x00\x00\x00\x01v")), 0},
		{"ziplist: field twice", zl(ziplistOf("\x00\x01f", "\x03\x01v", "\x03\x01f", "\x03\x01w")), 0},
		{"ziplist: empty", zl(ziplistOf()), 0},
		{"ziplist: an encoding that is none", zl(ziplistOf("\x00\x01f", "\x03\xc1\x00\x00")), 0},
		{"ziplist: an end in the middle", zl(ziplistOf("\x00\x01f", "\x03\xff")), 0},
		{"ziplist: no end", zl(strings.TrimSuffix(ziplistOf("\x00\x01f", "\x03\x01v"), "\xff") + "\xfe"), 0},
		{"ziplist: string beyond the end", zl(ziplistOf("\x00\x01f", "\x03\x09v")), 0},
		{"ziplist: string of 4 GiB", zl(ziplistOf("\x00\x01f", "\x03\x80\xff\xff\xff\xffv")), 0},

		{"plain: field twice", "\x04\x02\x01f\x01v\x01f\x01w", 0},
		{"plain: field twice, as number and text", "\x04\x02\xc0\x05\x01v\x015\x01w", 0},
		{"plain: field twice, compressed", "\x04\x02\xc3\x04\x06\x00a\x60\x00\x01v\x06aaaaaa\x01w", 0},
		{"plain: empty", "\x04\x00", 0},
		{"plain: one more", "\x04\x02\x01f\x01v", 0},
		{"plain: 2^62 fields", "\x04\x81\x40\x00\x00\x00\x00\x00\x00\x00\x01f\x01v", 0},

		{"expiries packed: not in order", ex(f, v, number(at+9), g, w, number(at)), 0},
		{"expiries packed: none before one", ex(f, v, "\x00\x01", g, w, number(at)), 0},
		{"expiries packed: without", ex(f, v), 0},
		{"expiries packed: without, by twos", ex(f, v, g, w), 0},
		{"expiries packed: negative", ex(f, v, number(-5)), 0},
		{"expiries packed: text", ex(f, v, "\x81x\x02"), 0},
		{"expiries packed: a number as text", ex(f, v, "\x8d4102444800000\x0e"), 0},
		{"expiries packed: over the limit", ex(f, v, number(1<<48)), 0},
		{"expiries packed: field twice", ex(f, v, number(at), f, w, "\x00\x01"), 0},
		{"expiries: field twice", "\x18" + milliseconds(at) + "\x02\x01\x01f\x01v\x00\x01f\x01w", 0},
		{"expiries: empty", "\x18" + milliseconds(at) + "\x00", 0},
		{"expiries: over the limit", "\x18" + milliseconds(at) + "\x01" + longest + "\x01f\x01v", 0},
		{"expiries: first over the limit", "\x18" + milliseconds(-1<<63) + "\x01\x01\x01f\x01v", 0},
		{"expiries of a release candidate: over the limit", "\x16\x01" + longest + "\x01f\x01v", 0},
		{"expiries of Valkey: negative", "\x16\x01\x01f\x01v" + milliseconds(-7), valkeyVersion},
		{"expiries of Valkey: field twice", "\x16\x02\x01f\x01v" + milliseconds(at) + "\x01f\x01w" + milliseconds(-1), valkeyVersion},
		{"expiries of Valkey: empty", "\x16\x00", valkeyVersion},
		{"expiries of Valkey: cut short", "\x16\x01\x01f\x01v\x00\x00", valkeyVersion},
		{"Redis's expiries in the name of Valkey", "\x18" + milliseconds(at) + "\x01\x01\x01f\x01v", valkeyVersion},

		{"LZF: longer than it says", "\x00\xc3\x04\x05\x00a\x60\x00", 0},
		{"LZF: shorter than it says", "\x00\xc3\x04\x07\x00a\x60\x00", 0},
		{"LZF: nothing that is something", "\x00\xc3\x00\x06", 0},
		{"LZF: something that is nothing", "\x00\xc3\x04\x00\x00a\x60\x00", 0}, // an empty string to Redis
		{"LZF: refers to what is before it", "\x00\xc3\x04\x06\x00a\x60\x05", 0},
		{"LZF: ends in the middle", "\x00\xc3\x05\x06\x00a\x60\x00\x20", 0},
		{"LZF: of a field", "\x04\x01\xc3\x04\x05\x00a\x60\x00\x01v", 0},
		{"LZF: of a packed list", "\x10\xc3\x0e\x0c\x0c" + listpackOf(f, v), 0},
		{"string: longer than it is", "\x00\x05v", 0},
		{"string: a length that is none", "\x00\x82\x01v", 0},
		{"string: an encoding that is none", "\x00\xc4\x01", 0},
		{"string: half a number", "\x00\xc2\x01\x02", 0},
	}
}

// A value that lies about itself is refused, as a payload and in a file.
func TestLies(t *testing.T) {
	for _, l := range lies() {
		version := l.version
		if version == 0 {
			version = 12
		}
		p, err := OpenPayload(seal(version, l.body))
		if err == nil && p.Type.IsHash() {
			_, err = allFields(p)
		}
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: as a payload: %v, want an *Error", l.name, err)
		}
		body := l.body[:1] + "\x03key" + l.body[1:]
		whole := file("0012", body)
		if version == valkeyVersion {
			whole = valkeyFile("080", body)
		}
		records, err := decode(bytes.NewReader(whole))
		if strings.HasSuffix(l.name, "empty") {
			// Nobody writes it, and nothing is lost when it is left out.
			if err != nil || len(records) != 1 || len(records[0].Fields) != 0 {
				t.Errorf("%s: in a file: %v, %v", l.name, records, err)
			}
			continue
		}
		if !errors.As(err, &e) {
			t.Errorf("%s: in a file: %v, want an *Error", l.name, err)
		}
	}
}

// What only looks like a lie is none.
func TestUnusualTruths(t *testing.T) {
	one := []Field{{Name: []byte("f"), Value: []byte("v")}}
	for name, body := range map[string]string{
		"listpack: nobody has counted":      hashBody(hashListpack, "", listpackWith(uncounted, 0, f, v)),
		"listpack: a string wider than due": hashBody(hashListpack, "", listpackOf("\xe0\x01f\x03", "\xf0\x01\x00\x00\x00v\x06")),
		"listpack: compressed":              "\x10\xc3\x0e\x0d\x0c" + listpackOf(f, v),
		"listpack: bytes behind the value":  hashBody(hashListpack, "", listpackOf(f, v)) + "x",
		"ziplist: nobody has counted":       hashBody(hashZiplist, "", ziplistWith(uncounted, 13, 0, "\x00\x01f", "\x03\x01v")),
		"ziplist: wide":                     hashBody(hashZiplist, "", ziplistOf("\x00\x01f", "\xfe\x03\x00\x00\x00\x81\x00\x00\x00\x01v")),
		"plain: less than there are":        "\x04\x01\x01f\x01v\x01g\x01w",
		"expiries packed: none":             hashBody(hashListpackEx, milliseconds(1), listpackOf(f, v, "\x00\x01")),
		"expiries: none":                    "\x18" + milliseconds(1) + "\x01\x00\x01f\x01v",
		"expiries: 0":                       "\x18" + milliseconds(0) + "\x01\x01\x01f\x01v",
	} {
		p, err := OpenPayload(seal(12, body))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, err := allFields(p); err != nil || !sameFields(got, one) {
			t.Errorf("%s: %v, %v, want %v", name, got, err, one)
		}
	}
}

// However many names there are, those that come twice are found.
func TestNames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var seen names
		for range 3 {
			seen.reset()
			model := map[string]bool{}
			size := rapid.SampledFrom([]int{1, 7, 8, 9, 100, 3 * keptNames}).Draw(t, "size")
			for i := range size {
				name := []byte{byte(i), byte(i >> 8), byte(i >> 16 * (i % 3))}
				if i%7 == 6 {
					name = name[:1]
				}
				if added := seen.add(name); added == model[string(name)] {
					t.Fatalf("name %d of %d is new: %v", i, size, added)
				}
				model[string(name)] = true
			}
			if seen.n != len(model) {
				t.Fatalf("%d names, want %d", seen.n, len(model))
			}
		}
	})
}
