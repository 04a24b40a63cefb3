package rdb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// seal ends a payload with a version and the right checksum.
func seal(version uint16, body string) []byte { return appendFooter([]byte(body), 0, version) }

// allFields decodes a hash.
func allFields(p Payload) ([]Field, error) {
	var all []Field
	err := p.Fields(func(f Field) error {
		all = append(all, Field{Name: bytes.Clone(f.Name), Value: bytes.Clone(f.Value), ExpireAt: f.ExpireAt})
		return nil
	})
	return all, err
}

func sameFields(a, b []Field) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !bytes.Equal(a[i].Name, b[i].Name) || !bytes.Equal(a[i].Value, b[i].Value) || a[i].ExpireAt != b[i].ExpireAt {
			return false
		}
	}
	return true
}

// What redis-server 7.0.15 replies to DUMP.
func TestPayloadsOfRedis(t *testing.T) {
	for dump, want := range map[string]string{
		"\x00\xc0{\x0a\x00H\xe2S\xe1\x00zg\xb9":                                 "123",
		"\x00\xc1\x7f\xff\x0a\x00\x17`\x82(T\x80\x84\x80":                       "-129",
		"\x00\xc2p\x11\x01\x00\x0a\x00\x01\xa4\x08\xfe\x950\x95\xa5":            "70000",
		"\x00\x03abc\x0a\x00\xd9\xac0=Ar\xa2\xe2":                               "abc",
		"\x00\x00\x0a\x00]\x9b\x5c@\x0f\x7f\xa2\xda":                            "",
		"\x00\xc3\x09@d\x01aa\xe0W\x00\x01aa\x0a\x00\xe8\xa3\xb5\x07\xb0m\xf2q": strings.Repeat("a", 100),
	} {
		p, err := OpenPayload([]byte(dump))
		if err != nil || string(p.Value) != want {
			t.Errorf("%q: %q, %v, want %q", dump, p.Value, err, want)
		}
		if len(want) <= 20 {
			if got := AppendString(nil, []byte(want)); string(got) != dump {
				t.Errorf("%q is written as %q, want %q", want, got, dump)
			}
		}
	}
}

// What redis-server 8.0.6 and valkey-server 9.1.2 reply to DUMP.
func TestPayloadsOfNewerServers(t *testing.T) {
	const at = 4_102_444_800_000
	long := strings.Repeat("v", 70)
	field := func(name, value string, at int64) Field {
		return Field{Name: []byte(name), Value: []byte(value), ExpireAt: at}
	}
	for dump, want := range map[string][]Field{
		"\x10\x12\x12\x00\x00\x00\x04\x00\x81f\x02\x81v\x02\x81n\x02\x0c\x01\xff\x0c\x00\xca@\xa0A)q\x17=":                                                                                  {field("f", "v", 0), field("n", "12", 0)},
		"\x19\x00\xd8\xc3,\xbb\x03\x00\x00\x1e\x1e\x00\x00\x00\x06\x00\x81f\x02\x81v\x02\xf4\x00\xd8\xc3,\xbb\x03\x00\x00\t\x81n\x02\x0c\x01\x00\x01\xff\x0c\x00\xda\xc8\x85\xd5\xad\x8c?$": {field("f", "v", at), field("n", "12", 0)},
		"\x18\x00\xd8\xc3,\xbb\x03\x00\x00\x02\x00\x02f1\xc3\t@F\x01vv\xe09\x00\x01vv\x01\x02f0\xc3\t@F\x01vv\xe09\x00\x01vv\x0c\x00$k\x05\n\x02\x14\xfe5":                                  {field("f1", long, 0), field("f0", long, at)},
		"\x10\x12\x12\x00\x00\x00\x04\x00\x81f\x02\x81v\x02\x81n\x02\x0c\x01\xffP\x00\xce\x1c]\x10M\t\xee\x80":                                                                              {field("f", "v", 0), field("n", "12", 0)},
		"\x16\x02\x01f\x01v\x00\xd8\xc3,\xbb\x03\x00\x00\x01n\xc0\x0c\xff\xff\xff\xff\xff\xff\xff\xffP\x00\x15\xb76D7\rI\xe1":                                                               {field("f", "v", at), field("n", "12", 0)},
		"\x16\x02\x02f0\xc3\t@F\x01vv\xe09\x00\x01vv\x00\xd8\xc3,\xbb\x03\x00\x00\x02f1\xc3\t@F\x01vv\xe09\x00\x01vv\xff\xff\xff\xff\xff\xff\xff\xffP\x00\xed\x06\xba\x93\xc06\xd3\xc7":     {field("f0", long, at), field("f1", long, 0)},
	} {
		p, err := OpenPayload([]byte(dump))
		if err != nil {
			t.Errorf("%q: %v", dump, err)
			continue
		}
		if got, err := allFields(p); err != nil || !sameFields(got, want) {
			t.Errorf("%q: %v, %v, want %v", dump, got, err, want)
		}
	}
}

// Versions that nobody has written yet are refused, and those between Redis's
// and Valkey's.
func TestPayloadVersions(t *testing.T) {
	for v := range uint16(200) {
		_, err := OpenPayload(seal(v, "\x00\x01v"))
		if ok := v <= 14 || v == 80; ok != (err == nil) || !ok && !errors.Is(err, ErrFooter) {
			t.Errorf("version %d: %v", v, err)
		}
	}
	for v, ok := range map[uint16]bool{10: true, 11: true, 12: false, 14: false, 80: true} { // as Valkey has it
		p, err := OpenPayload(seal(v, "\x16\x01\x01f\x01v\x01\x02\x03\x04\x05\x06\x00\x00"))
		var got []Field
		if err == nil {
			got, err = allFields(p)
		}
		if ok != (err == nil && len(got) == 1 && got[0].ExpireAt == 0x060504030201) {
			t.Errorf("version %d: %v, %v", v, got, err)
		}
	}
}

func TestPayloadRefuses(t *testing.T) {
	good := AppendString(nil, []byte("value"))
	for i := range good {
		for bit := range 8 {
			bad := bytes.Clone(good)
			bad[i] ^= 1 << bit
			if _, err := OpenPayload(bad); !errors.Is(err, ErrFooter) {
				t.Fatalf("bit %d of byte %d flipped: %v", bit, i, err)
			}
		}
		if _, err := OpenPayload(good[:i]); !errors.Is(err, ErrFooter) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
	if _, err := OpenPayload(seal(maxVersion+1, "\x00\x01v")); !errors.Is(err, ErrFooter) {
		t.Errorf("a future version: %v", err)
	}
	for name, body := range map[string]string{
		"short string":   "\x00\x05v",
		"long length":    "\x00\x81\xff\xff\xff\xff\xff\xff\xff\xff",
		"list":           "\x12\x01\x02",
		"wrong LZF":      "\x00\xc3\x04\x05\x00a\x60\x00",
		"wrong encoding": "\x00\xc4",
		"nothing behind": "\x00",
		"unknown type":   "\x63\x01v",
		"zipmap":         "\x09\x02\x00\xff",
	} {
		var e *Error
		if _, err := OpenPayload(seal(Version, body)); !errors.As(err, &e) {
			t.Errorf("%s: error %v, want an *Error", name, err)
		}
	}
}

func TestPayloadRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(
			rapid.SliceOfN(rapid.Byte(), 0, 200),
			rapid.Map(rapid.Int64(), func(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }),
			rapid.Map(rapid.StringMatching(`-?[0-9]{0,11}`), func(s string) []byte { return []byte(s) }),
			rapid.Map(rapid.IntRange(60, 40_000), func(n int) []byte { return bytes.Repeat([]byte("r"), n) }),
		).Draw(t, "value")
		p, err := OpenPayload(AppendString([]byte("before"), value)[len("before"):])
		if err != nil || p.Type != String || !bytes.Equal(p.Value, value) {
			t.Fatalf("%q comes back as %q of %v, %v", value, p.Value, p.Type, err)
		}
	})
}

func TestHashRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var fields []Field
		earliest := int64(0)
		for i := range rapid.IntRange(1, 30).Draw(t, "fields") {
			f := Field{Name: append(rapid.SliceOfN(rapid.Byte(), 0, 70).Draw(t, "name"), byte(i)), Value: rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "value")}
			if rapid.Bool().Draw(t, "expires") {
				f.ExpireAt = rapid.Int64Range(1, 1<<45).Draw(t, "at")
				if earliest == 0 || f.ExpireAt < earliest {
					earliest = f.ExpireAt
				}
			}
			fields = append(fields, f)
		}
		w := AppendHash([]byte("before"), len(fields), earliest)
		for _, f := range fields {
			w.AppendField(f)
		}
		p, err := OpenPayload(w.Finish()[len("before"):])
		if err != nil || !p.Type.IsHash() {
			t.Fatalf("%v, type %v", err, p.Type)
		}
		for range 2 { // Fields may be called again
			if got, err := allFields(p); err != nil || !sameFields(got, fields) {
				t.Fatalf("got %v, %v, want %v", got, err, fields)
			}
		}
	})
}

// packed16 is a number as packed lists have it.
func packed16(n int16) string { return string(binary.LittleEndian.AppendUint16(nil, uint16(n))) }

func listpackOf(elements ...string) string {
	body := strings.Join(elements, "") + "\xff"
	head := binary.LittleEndian.AppendUint32(nil, uint32(6+len(body)))
	return string(binary.LittleEndian.AppendUint16(head, uint16(len(elements)))) + body
}

func ziplistOf(elements ...string) string {
	body := strings.Join(elements, "") + "\xff"
	head := binary.LittleEndian.AppendUint32(nil, uint32(10+len(body)))
	last := 10 + len(body) - 1
	if len(elements) > 0 {
		last -= len(elements[len(elements)-1])
	}
	head = binary.LittleEndian.AppendUint32(head, uint32(last))
	return string(binary.LittleEndian.AppendUint16(head, uint16(len(elements)))) + body
}

func hashBody(t Type, prefix, packed string) string {
	return string(byte(t)) + prefix + string(appendLength(nil, uint64(len(packed)))) + packed
}

func TestPackedHashes(t *testing.T) {
	long := strings.Repeat("l", 64)
	field := func(name, value string, at int64) Field {
		return Field{Name: []byte(name), Value: []byte(value), ExpireAt: at}
	}
	for _, test := range []struct {
		name, body string
		want       []Field
	}{
		{"listpack strings", hashBody(hashListpack, "", listpackOf("\x81f\x02", "\x82vw\x03")), []Field{field("f", "vw", 0)}},
		{"listpack long string", hashBody(hashListpack, "", listpackOf("\x81f\x02", "\xe0\x40"+long+"\x42")), []Field{field("f", long, 0)}},
		{"listpack wide string", hashBody(hashListpack, "", listpackOf("\xf0\x01\x00\x00\x00f\x06", "\x80\x01")), []Field{field("f", "", 0)}},
		{"listpack numbers", hashBody(hashListpack, "", listpackOf(
			"\x7f\x01", "\xdf\xff\x02", // 127, -1 in 13 bits
			"\xd0\x00\x02", "\xcf\xff\x02", // -4096, 4095
			"\xf1"+packed16(-32768)+"\x03", "\xf2\xff\xff\x7f\x04", // 24 bits
			"\xf3\x00\x00\x00\x80\x05", "\xf4\xff\xff\xff\xff\xff\xff\xff\x7f\x09",
		)), []Field{field("127", "-1", 0), field("-4096", "4095", 0), field("-32768", "8388607", 0), field("-2147483648", "9223372036854775807", 0)}},
		{"listpack with expiries", hashBody(hashListpackEx, "\x10\x00\x00\x00\x00\x00\x00\x00",
			listpackOf("\x81f\x02", "\x81v\x02", "\x20\x01", "\x81g\x02", "\x81w\x02", "\x00\x01")),
			[]Field{field("f", "v", 32), field("g", "w", 0)}},
		{"listpack with expiries, before 7.4.0", hashBody(listpackExpiry, "", listpackOf("\x81f\x02", "\x81v\x02", "\x20\x01")), []Field{field("f", "v", 32)}},
		{"ziplist strings", hashBody(hashZiplist, "", ziplistOf("\x00\x01f", "\x03\x02vw", "\x04\x40\x40"+long, "\xfe\x43\x00\x00\x00\x00")),
			[]Field{field("f", "vw", 0), field(long, "", 0)}},
		{"ziplist wide string", hashBody(hashZiplist, "", ziplistOf("\x00\x80\x00\x00\x00\x01f", "\x07\x00")), []Field{field("f", "", 0)}},
		{"ziplist numbers", hashBody(hashZiplist, "", ziplistOf(
			"\x00\xf1", "\x02\xfd", // 0, 12
			"\x02\xfe\x80", "\x03\xc0"+packed16(-32768),
			"\x04\xf0\xff\xff\x7f", "\x05\xd0\x00\x00\x00\x80",
			"\x06\xe0\xff\xff\xff\xff\xff\xff\xff\x7f", "\x0a\xf2",
		)), []Field{field("0", "12", 0), field("-128", "-32768", 0), field("8388607", "-2147483648", 0), field("9223372036854775807", "1", 0)}},
		{"plain", "\x04\x02\x01f\x01v\xc0\x05\x00", []Field{field("f", "v", 0), field("5", "", 0)}},
		{"plain with expiries", "\x18\x10\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01f\x01v\x03\x01g\x01w", []Field{field("f", "v", 0), field("g", "w", 18)}},
		{"plain with expiries, before 7.4.0", "\x16\x01\x20\x01f\x01v", []Field{field("f", "v", 32)}},
	} {
		p, err := OpenPayload(seal(12, test.body))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got, err := allFields(p); err != nil || !sameFields(got, test.want) {
			t.Errorf("%s: got %v, %v, want %v", test.name, got, err, test.want)
		}
	}
}

// Damage inside a packed hash is an *Error whatever it is.
func TestPackedHashDamage(t *testing.T) {
	for _, good := range []string{
		hashBody(hashListpack, "", listpackOf("\x81f\x02", "\x82vw\x03", "\xf1\x00\x80\x04", "\xe0\x02xy\x05")),
		hashBody(hashListpackEx, "\x10\x00\x00\x00\x00\x00\x00\x00", listpackOf("\x81f\x02", "\x81v\x02", "\x20\x01")),
		hashBody(hashZiplist, "", ziplistOf("\x00\x01f", "\x03\x02vw", "\x04\xc0\x00\x80", "\x04\x40\x02xy")),
		"\x18\x10\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01f\x01v\x03\x01g\x01w",
	} {
		for i := range good {
			cut, err := OpenPayload(seal(12, good[:i]))
			if err == nil {
				_, err = allFields(cut)
			}
			var e *Error
			if i > 0 && !errors.As(err, &e) {
				t.Errorf("%q cut at %d: error %v, want an *Error", good, i, err)
			}
			for b := range 256 {
				bad := good[:i] + string([]byte{byte(b)}) + good[i+1:]
				p, err := OpenPayload(seal(12, bad))
				if err == nil {
					_, err = allFields(p)
				}
				if err != nil && !errors.As(err, &e) {
					t.Fatalf("%q with %#x at %d: error %v, want an *Error or none", good, b, i, err)
				}
			}
		}
	}
	for name, body := range map[string]string{
		"expiry out of range": "\x18\xff\xff\xff\xff\xff\xff\xff\x7f\x01\x03\x01g\x01w",
		"negative expiry":     hashBody(listpackExpiry, "", listpackOf("\x81f\x02", "\x81v\x02", "\xdf\xff\x02")),
		"no value":            hashBody(hashListpack, "", listpackOf("\x81f\x02")),
		"no expiry":           hashBody(listpackExpiry, "", listpackOf("\x81f\x02", "\x81v\x02")),
		"fields in the end":   hashBody(hashListpack, "", listpackOf("\x81f\x02", "\xff", "\x81f\x02")),
	} {
		p, err := OpenPayload(seal(12, body))
		if err == nil {
			_, err = allFields(p)
		}
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: error %v, want an *Error", name, err)
		}
	}
}

// The first error of visit ends the visit and is returned as it is.
func TestFieldsStops(t *testing.T) {
	w := AppendHash(nil, 3, 0)
	for i := range 3 {
		w.AppendField(Field{Name: []byte{byte(i)}, Value: []byte("v")})
	}
	p, err := OpenPayload(w.Finish())
	if err != nil {
		t.Fatal(err)
	}
	stop, calls := errors.New("stop"), 0
	if err := p.Fields(func(Field) error { calls++; return stop }); err != stop || calls != 1 {
		t.Errorf("%d calls and error %v, want 1 and %v", calls, err, stop)
	}
}

func FuzzPayload(f *testing.F) {
	for _, seed := range []string{
		"\x00\x03abc", "\x00\xc3\x09@d\x01aa\xe0W\x00\x01aa", "\x04\x01\x01f\x01v",
		hashBody(hashListpack, "", listpackOf("\x81f\x02", "\xf4\xff\xff\xff\xff\xff\xff\xff\x7f\x09")),
		hashBody(hashZiplist, "", ziplistOf("\x00\x01f", "\x03\xd0\x00\x00\x00\x80")),
		"\x18\x10\x00\x00\x00\x00\x00\x00\x00\x01\x03\x01g\x01w",
		"\x16\x02\x01f\x01v\x09\x00\x00\x00\x00\x00\x00\x00\x01g\x00\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
		"\xF3\x01\x01abc\x02\x07\x00\x00\x03abc",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, version := range []uint16{10, 12, maxVersion, valkeyVersion} {
			checkPayload(t, version, body)
		}
	})
}

// checkPayload: what is accepted is a string or a hash of different fields, and
// what is not is an *Error.
func checkPayload(t *testing.T, version uint16, body []byte) {
	sealed := appendFooter(bytes.Clone(body), 0, version)
	before := bytes.Clone(sealed)
	p, err := OpenPayload(sealed)
	total, seen := 0, map[string]bool{}
	if err == nil {
		total = len(p.Value)
	}
	if err == nil && p.Type.IsHash() {
		err = p.Fields(func(f Field) error {
			if f.ExpireAt < 0 || seen[string(f.Name)] {
				t.Errorf("field %q expires at %d, and came before: %v", f.Name, f.ExpireAt, seen[string(f.Name)])
			}
			seen[string(f.Name)] = true
			total += len(f.Name) + len(f.Value)
			return nil
		})
		if err == nil && len(seen) == 0 {
			t.Error("a hash without fields")
		}
	}
	var e *Error
	if err != nil && err != ErrFooter && !errors.As(err, &e) {
		t.Errorf("error %v, want an *Error", err)
	}
	if total > math.MaxInt32 || total > 2*lzfMaxRatio*len(body)+64 {
		t.Errorf("%d bytes come to %d", len(body), total)
	}
	if !bytes.Equal(sealed, before) {
		t.Error("decoding changed the payload")
	}
}

// A long string that is compressed is decoded to where its caller wants it, and
// what is wrong with it shows then.
func TestLongCompressedStringIsDecodedByItsCaller(t *testing.T) {
	value := bytes.Repeat([]byte("as compressible as it gets. "), 2*KeepPacked/20)
	var c compressor
	packed, ok := c.compress(nil, value, len(value))
	if !ok {
		t.Fatal("not compressed")
	}
	body := appendLength([]byte{byte(String), lenEncoded | encLZF}, uint64(len(packed)))
	body = append(appendLength(body, uint64(len(value))), packed...)
	p, err := OpenPayload(appendFooter(bytes.Clone(body), 0, Version))
	if err != nil || p.Value != nil || p.Len() != len(value) {
		t.Fatalf("%d bytes of %d, %d of them decoded: %v", p.Len(), len(value), len(p.Value), err)
	}
	got := make([]byte, p.Len())
	if err := p.Decode(got); err != nil || !bytes.Equal(got, value) {
		t.Errorf("decoded to something else: %v", err)
	}
	if n := PayloadSize(appendFooter(bytes.Clone(body), 0, Version)); n != int64(len(value)) {
		t.Errorf("a size of %d, want %d", n, len(value))
	}
	body[len(body)-1] ^= 0x20
	body = append(body[:len(body)-2], 0xff, 0xff) // a reference that goes too far
	p, err = OpenPayload(appendFooter(body, 0, Version))
	var problem *Error
	if err != nil || !errors.As(p.Decode(make([]byte, p.Len())), &problem) {
		t.Errorf("%v, and decoded although it is damaged", err)
	}
	p, err = OpenPayload(AppendString(nil, value))
	if err != nil || p.Len() != len(value) || p.Decode(got) != nil || !bytes.Equal(got, value) {
		t.Errorf("not compressed: %d bytes, %v", p.Len(), err)
	}
}
