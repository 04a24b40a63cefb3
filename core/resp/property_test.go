package resp_test

import (
	"slices"
	"strconv"
	"testing"

	"github.com/tidwall/redcon"
	"pgregory.net/rapid"

	"github.com/redistill-go/redistill/core/resp"
)

var smallLimits = resp.Limits{MaxArgs: 64, MaxBulk: 1 << 16, AuthArgs: 4, AuthBulk: 100, MaxRequest: 1 << 30, BlobMin: 16}

func argument() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"", "GET", "key", "\r\n", "*1\r\n", "$3\r\n", "\x00", "\xff"}),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 60), func(b []byte) string { return string(b) }),
	)
}

// stream is what a client may send, well formed or not.
func stream() *rapid.Generator[[]byte] {
	part := rapid.OneOf(
		rapid.Map(rapid.SliceOfN(argument(), 1, 6), func(r []string) []byte { return encode(r) }),
		rapid.SampledFrom([][]byte{
			[]byte("PING\r\n"), []byte("ECHO 'a b' \"\\x41\\n\"\n"), []byte("\r\n"), []byte("*0\r\n"), []byte("*-1\r\n"),
			[]byte("*x\r\n"), []byte("*2\r\n$1\r\na\r\n:1\r\n"), []byte("*1\r\n$99999999\r\n"), []byte("\"a\"b\"\r\n"), []byte("*65\r\n"),
			[]byte("*1\r\n$4\r\nPINGxx"), []byte("*1\rx$1\r\na\r\n"), []byte("*2\r\n$17\r\n0123456789abcdefgx\n$1\r\na\r\n"),
		}),
	)
	return rapid.Map(rapid.SliceOfN(part, 0, 12), func(parts [][]byte) []byte { return slices.Concat(parts...) })
}

// However a stream is cut, its requests and its error are the same.
func TestChunksDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		input := stream().Draw(t, "input")
		auth := rapid.Bool().Draw(t, "auth")
		whole := newDriver(&smallLimits, auth)
		whole.feed(slices.Clone(input))
		for at := range input {
			cut := newDriver(&smallLimits, auth)
			cut.feed(slices.Clone(input[:at]))
			cut.feed(slices.Clone(input[at:]))
			if !cut.equal(whole) {
				t.Fatalf("%q, cut at %d: %q %q, whole: %q %q", input, at, cut.got, cut.broken, whole.got, whole.broken)
			}
		}
		cuts := rapid.SliceOfN(rapid.ByteMax(30), 1, 8).Draw(t, "cuts")
		cut := newDriver(&smallLimits, auth)
		for _, c := range chunks(input, cuts) {
			cut.feed(slices.Clone(c))
		}
		if !cut.equal(whole) {
			t.Fatalf("%q, cut by %v: %q %q, whole: %q %q", input, cuts, cut.got, cut.broken, whole.got, whole.broken)
		}
	})
}

// An independent reader reads the same arguments.
func TestParserAgreesWithRedcon(t *testing.T) {
	limits := resp.DefaultLimits(1 << 20)
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(argument(), 1, 20).Draw(t, "request")
		raw := encode(want)
		d := newDriver(&limits, true)
		d.feed(raw)
		if len(d.got) != 1 || !slices.Equal(d.got[0], want) {
			t.Fatalf("got %q %q, want %q", d.got, d.broken, want)
		}
		cmd, err := redcon.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range cmd.Args {
			if string(a) != d.got[0][i] {
				t.Fatalf("argument %d is %q, redcon has %q", i, d.got[0][i], a)
			}
		}
	})
}

// ParseInt takes exactly the integers that strconv would write.
func TestParseInt(t *testing.T) {
	text := rapid.OneOf(
		rapid.Map(rapid.Int64(), func(n int64) string { return strconv.FormatInt(n, 10) }),
		rapid.Map(rapid.Uint64(), func(n uint64) string { return strconv.FormatUint(n, 10) }),
		rapid.StringMatching(`[-+ ]?0{0,2}[0-9]{0,25}[ x]?`),
		rapid.SampledFrom([]string{
			"", "-", "+", "0", "-0", "00", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
			"-9223372036854775809", "18446744073709551615", "18446744073709551616", "18446744073709551617",
			"-18446744073709551615", "99999999999999999999", "-99999999999999999999", "-9223372036854775808 ",
		}),
	)
	rapid.Check(t, func(t *rapid.T) {
		s := text.Draw(t, "text")
		want, err := strconv.ParseInt(s, 10, 64)
		wantOK := err == nil && strconv.FormatInt(want, 10) == s
		got, ok := resp.ParseInt([]byte(s))
		if ok != wantOK || ok && got != want {
			t.Fatalf("ParseInt(%q) = %d, %v; want %d, %v", s, got, ok, want, wantOK)
		}
	})
}
