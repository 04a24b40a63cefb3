package rdb

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestDecompress(t *testing.T) {
	tests := []struct {
		name string
		src  []byte
		want string
		err  error
	}{
		{"nothing", nil, "", nil},
		{"literals", []byte{2, 'a', 'b', 'c'}, "abc", nil},
		{"short reference", []byte{2, 'a', 'b', 'c', 1 << 5, 2}, "abcabc", nil},
		{"overlapping reference", []byte{0, 'a', 2 << 5, 0}, "aaaaa", nil},
		{"overlapping pair", []byte{1, 'a', 'b', 5 << 5, 1}, "ababababa", nil},
		{"long reference", []byte{0, 'a', 7 << 5, 255, 0}, strings.Repeat("a", 265), nil},
		{"reference before the start", []byte{0, 'a', 1 << 5, 1}, "aaaa", errLZFRef},
		{"reference at the start", []byte{1 << 5, 0}, "aaa", errLZFRef},
		{"literals cut", []byte{2, 'a', 'b'}, "abc", errLZFShort},
		{"reference cut", []byte{0, 'a', 1 << 5}, "aaaa", errLZFShort},
		{"long reference cut", []byte{0, 'a', 7 << 5}, "aaaa", errLZFShort},
		{"long reference cut later", []byte{0, 'a', 7 << 5, 1}, "aaaa", errLZFShort},
		{"too many literals", []byte{2, 'a', 'b', 'c'}, "ab", errLZFSize},
		{"too long a reference", []byte{0, 'a', 2 << 5, 0}, "aaaa", errLZFSize},
		{"too little", []byte{2, 'a', 'b', 'c'}, "abcd", errLZFSize},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			// What lies behind dst is not touched.
			room := bytes.Repeat([]byte{'x'}, len(test.want)+64)
			err := decompress(room[:len(test.want)], test.src)
			if !errors.Is(err, test.err) || (err == nil) != (test.err == nil) {
				t.Fatalf("error %v, want %v", err, test.err)
			}
			if got := room[:len(test.want)]; err == nil && string(got) != test.want {
				t.Fatalf("got %q, want %q", got, test.want)
			}
			if rest := room[len(test.want):]; len(bytes.Trim(rest, "x")) > 0 {
				t.Fatalf("bytes behind the end became %q", rest)
			}
		})
	}
}

// TestCompress: whatever is compressed comes back, in less than the limit.
func TestCompress(t *testing.T) {
	var c compressor
	rapid.Check(t, func(t *rapid.T) {
		var src []byte
		for range rapid.IntRange(0, 20).Draw(t, "pieces") {
			piece := rapid.SliceOfN(rapid.ByteRange(0, rapid.SampledFrom([]byte{1, 9, 255}).Draw(t, "most")), 0, 600).Draw(t, "piece")
			src = append(src, bytes.Repeat(piece, rapid.IntRange(0, 30).Draw(t, "times"))...)
		}
		wantCompressed(t, &c, src, len(src))
		wantCompressed(t, &c, src, rapid.IntRange(0, len(src)+1).Draw(t, "limit"))
	})
}

func wantCompressed(t rapid.TB, c *compressor, src []byte, limit int) {
	t.Helper()
	got, ok := c.compress([]byte("before"), src, limit)
	packed, found := bytes.CutPrefix(got, []byte("before"))
	if !found || !ok && len(packed) > 0 {
		t.Fatalf("ok is %v and dst is %d bytes, %.20q", ok, len(got), got)
	}
	if !ok {
		return
	}
	if len(packed) >= limit {
		t.Fatalf("%d bytes, limit %d", len(packed), limit)
	}
	back := make([]byte, len(src))
	if err := decompress(back, packed); err != nil || !bytes.Equal(back, src) {
		t.Fatalf("%d bytes do not come back from %d: %v", len(src), len(packed), err)
	}
}

// TestCompressWraps: the table is still right when its numbers start again.
func TestCompressWraps(t *testing.T) {
	c := compressor{base: 1<<32 - 100_000}
	text := []byte(strings.Repeat("what was seen before ", 300))
	for i := range 30 {
		wantCompressed(t, &c, text[i:], len(text))
	}
	if c.base > 1<<31 {
		t.Errorf("the numbers did not start again: %d", c.base)
	}
}

func TestCompressRatio(t *testing.T) {
	var c compressor
	for name, test := range samples() {
		got, ok := c.compress(nil, test.value, len(test.value))
		if ok != (test.most > 0) || len(got) > test.most {
			t.Errorf("%s: %d bytes become %d, want at most %d", name, len(test.value), len(got), test.most)
		}
	}
}

type sample struct {
	value []byte
	most  int // bytes when compressed; 0: not at all
}

// samples are values as caches have them.
func samples() map[string]sample {
	r := rand.New(rand.NewPCG(1, 2))
	random := make([]byte, 256)
	for i := range random {
		random[i] = byte(r.Uint32())
	}
	var json []byte
	for i := 0; len(json) < 256; i++ {
		json = fmt.Appendf(json, `{"id":%d,"name":"user-%d","active":true,"score":%d},`, i, r.Uint32(), r.Uint32N(1000))
	}
	var page []byte
	for len(page) < 16<<10 {
		page = fmt.Appendf(page, "<li class=\"item\"><a href=\"/product/%d\">Article %d</a> <b>%d</b></li>\n", r.Uint32N(1e6), r.Uint32N(1e6), r.Uint32N(100))
	}
	return map[string]sample{
		"random": {random, 0},
		"json":   {json[:256], 180},
		"page":   {page, 7200},
		"zeroes": {make([]byte, 256), 12},
	}
}

func BenchmarkCompress(b *testing.B) {
	for name, s := range samples() {
		b.Run(name, func(b *testing.B) {
			var c compressor
			var dst []byte
			b.SetBytes(int64(len(s.value)))
			for b.Loop() {
				dst, _ = c.compress(dst[:0], s.value, len(s.value)-4)
			}
			b.ReportMetric(float64(len(dst)), "bytes")
		})
	}
}

func BenchmarkDecompress(b *testing.B) {
	for name, s := range samples() {
		var c compressor
		packed, ok := c.compress(nil, s.value, len(s.value))
		if !ok {
			continue
		}
		b.Run(name, func(b *testing.B) {
			dst := make([]byte, len(s.value))
			b.SetBytes(int64(len(dst)))
			for b.Loop() {
				if err := decompress(dst, packed); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
