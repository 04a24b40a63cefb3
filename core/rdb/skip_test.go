package rdb

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/snapshot"
)

// unsupported are whole items of a file that this server does not have.
var unsupported = map[string]string{
	"list":                       "\x01\x01k\x02\x01a\xC0\x05",
	"set":                        "\x02\x01k\x01\x01a",
	"sorted set, text scores":    "\x03\x01k\x04\x01a\x031.5\x01b\xFD\x01c\xFE\x01d\xFF",
	"sorted set":                 "\x05\x01k\x01\x01a\x00\x00\x00\x00\x00\x00\xF8\x3F",
	"hash of Redis 2.4":          "\x09\x01k\x02\x00\xFF",
	"list, ziplist":              "\x0A\x01k\x03zip",
	"set, integers":              "\x0B\x01k\x03set",
	"sorted set, ziplist":        "\x0C\x01k\x03zip",
	"list of ziplists":           "\x0E\x01k\x02\x01a\x01b",
	"sorted set, listpack":       "\x11\x01k\x02lp",
	"list of listpacks":          "\x12\x01k\x02\x01\x01a\x02\x02lp",
	"set, listpack":              "\x14\x01k\xC3\x04\x06\x00a\x60\x00",
	"module value":               "\x07\x01k\x81\x01\x02\x03\x04\x05\x06\x07\x08\x01\x05\x02\x40\x80\x03abcd\x04abcdefgh\x05\x03xyz\x00",
	"stream":                     "\x0F\x01k\x01\x01n\x01l\x01\x01\x01\x01\x01g\x01\x01\x01" + strings.Repeat("i", 24) + "\x01\x01\x01c" + strings.Repeat("t", 8) + "\x01" + strings.Repeat("i", 16),
	"stream of Redis 7.0":        "\x13\x01k\x00\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01g\x01\x01\x01\x00\x01\x01c" + strings.Repeat("t", 8) + "\x00",
	"stream of Redis 7.2":        "\x15\x01k\x00\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01g\x01\x01\x01\x00\x01\x01c" + strings.Repeat("t", 16) + "\x00",
	"expiry and use":             "\xFC\x01\x00\x00\x00\x00\x00\x00\x00\xF8\x05\xF9\x01\x01\x01k\x01\x01a",
	"function library":           "\xF5\x04code",
	"data outside of keys":       "\xF7\x81\x01\x02\x03\x04\x05\x06\x07\x08\x02\x01\x05\x03xyz\x00",
	"string, another database":   "\xFE\x02\x00\x01k\x01v\xFE\x00",
	"hash, another database":     "\xFE\x40\x40\x04\x01k\x01\x01f\x01v\xFE\x00",
	"packed, another database":   "\xFE\x01\x19\x01k\x00\x00\x00\x00\x00\x00\x00\x00\x01x\xFE\x00",
	"expiring, another database": "\xFE\x01\x18\x01k\x09\x00\x00\x00\x00\x00\x00\x00\x01\x00\x01f\x01v\xFE\x00",
}

// unsupportedIn are those of one format.
var unsupportedIn = map[string]map[string]string{
	"0012": {"hash of a release candidate, another database": "\xFE\x01\x16\x01k\x01\x09\x01f\x01v\xFE\x00"},
	"0013": {
		"stream of Redis 8.6":  "\x1a\x01k\x00\x01\x01\x01\x01\x01\x01\x01\x01\x00\x40\x64\x40\x64\x02\x02p1\x01\x02id\x01\x00\x02p2\x00\x05\x01",
		"metadata of a module": "\xF3\x02\x06\x00\x00\x00\x02\x07\x00\x01\x00\x00\x00\x00\x01\x01k\x01\x01a",
	},
	"080": {
		"hash with expiries, another database": "\xFE\x01\x16\x01k\x01\x01f\x01v\x09\x00\x00\x00\x00\x00\x00\x00\xFE\x00",
		"slots that are imported":              "\xF3\x03job\x02\x00\x05\x40\x64\x40\x65",
	},
}

func TestSkip(t *testing.T) {
	for name, item := range unsupported {
		skips(t, name, "0012", item)
	}
	for version, items := range unsupportedIn {
		for name, item := range items {
			skips(t, name, version, item)
		}
	}
}

func skips(t *testing.T, name, version, item string) {
	want := []snapshot.Record{{Key: []byte("a"), Value: []byte("1")}, {Key: []byte("z"), Value: []byte("2")}}
	body := "\x00\x01a\x011" + item + "\x00\x01z\x012"
	whole := file(version, body)
	if len(version) == 3 {
		whole = valkeyFile(version, body)
	}
	in := NewReader(bytes.NewReader(whole), true)
	got, err := decodeWith(in)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	same(t, got, want)
	if in.Skipped() != 1 {
		t.Errorf("%s: %d skipped, want 1", name, in.Skipped())
	}
	var e *Error
	if _, err := decode(bytes.NewReader(whole)); !errors.As(err, &e) || !strings.Contains(e.Fix, "skip_unsupported") {
		t.Errorf("%s without skipping: %v, want an *Error that tells how to skip", name, err)
	}
	for i := range whole {
		if _, err := decodeWith(NewReader(bytes.NewReader(whole[:i]), true)); !errors.As(err, &e) || e.Offset > int64(i) {
			t.Fatalf("%s cut at %d: %v, want an *Error before that", name, i, err)
		}
	}
}

// TestSkipRefuses: what cannot be passed is an error all the same.
func TestSkipRefuses(t *testing.T) {
	for name, item := range map[string]string{
		"module value of Redis 4.0 RC": "\x06\x01k\x01",
		"functions of Redis 7.0 RC":    "\xF6\x01f",
		"type that does not exist":     "\x63\x01k\x01v",
		"part of a module's value":     "\x07\x01k\x01\x06",
	} {
		_, err := decodeWith(NewReader(bytes.NewReader(file("0010", item)), true))
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v, want an *Error", name, err)
		}
	}
}

// TestSkipMuch: blocks on end without a record.
func TestSkipMuch(t *testing.T) {
	body := strings.Repeat("\x01\x01k\x02\x01a\xC0\x05", 3*BlockSize/8) + "\x00\x01z\x012"
	in := NewReader(bytes.NewReader(file("0010", body)), true)
	got, err := decodeWith(in)
	if err != nil || in.Skipped() != 3*BlockSize/8 {
		t.Fatalf("%d skipped, %v", in.Skipped(), err)
	}
	same(t, got, []snapshot.Record{{Key: []byte("z"), Value: []byte("2")}})
}
