package resp_test

import (
	"bytes"
	"slices"
	"testing"
)

// FuzzParser: arbitrary bytes in arbitrary chunks never panic, read the same
// as in one piece, and never make more of a request than has arrived.
func FuzzParser(f *testing.F) {
	for _, s := range []string{
		"*1\r\n$4\r\nPING\r\n", "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$20\r\n01234567890123456789\r\n", "PING\r\n", "*-1\r\n*0\r\n",
		"*1\r\n$-2\r\n", "*1\r\n$9223372036854775807\r\n", "*9223372036854775807\r\n", "ECHO \"\\x41 'b' \\n\" 'c\\''\r\n",
		"PING\r\n\"a\"b\"\r\n", "*2\r\n$16\r\n0123456789abcdef\r\n$17\r\n0123456789abcdefg\r\n*1\r\n+\r\n",
		"*2\r\n$17\r\n0123456789abcdefgx\n$1\r\na\r\n", "*1\r\n$4\r\nPING\rx", "*1\rx$1\r\na\r\n",
	} {
		f.Add([]byte(s), []byte{0}, true)
		f.Add([]byte(s+s), []byte{3, 9}, false)
	}
	f.Fuzz(func(t *testing.T, input, cuts []byte, auth bool) {
		whole := newDriver(&smallLimits, auth)
		whole.feed(bytes.Clone(input))
		cut := newDriver(&smallLimits, auth)
		for _, c := range chunks(input, cuts) {
			cut.feed(slices.Clone(c))
		}
		if !cut.equal(whole) {
			t.Fatalf("cut: %q %q, whole: %q %q", cut.got, cut.broken, whole.got, whole.broken)
		}
		total := 0
		for _, r := range whole.got {
			if len(r) == 0 {
				t.Fatal("a request without arguments")
			}
			for _, a := range r {
				total += len(a)
			}
		}
		if total > len(input) || max(whole.spans, cut.spans) > len(input) {
			t.Fatalf("%d bytes became %d bytes in at most %d arguments", len(input), total, whole.spans)
		}
	})
}
