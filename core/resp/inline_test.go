package resp_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/resp"
)

// Every answer here is what Redis 7 gives.
func TestInline(t *testing.T) {
	const unbalanced = "Protocol error: unbalanced quotes in request"
	limits := resp.DefaultLimits(1 << 20)
	for _, c := range []struct {
		in     string
		want   [][]string
		broken string
	}{
		{in: "PING\r\n", want: requests([]string{"PING"})},
		{in: "PING\n", want: requests([]string{"PING"})},
		{in: "PING"},
		{in: "\r\n\n  \r\n\t\v\f\r\nPING\r\n", want: requests([]string{"PING"})},
		{in: "  ECHO \t a  \r\n", want: requests([]string{"ECHO", "a"})},
		{in: "ECHO a\rb\r\n", want: requests([]string{"ECHO", "a", "b"})},
		{in: "$4\r\nPING\r\n", want: requests([]string{"$4"}, []string{"PING"})},
		{in: "ECHO a\\ b\r\n", want: requests([]string{"ECHO", "a\\", "b"})},
		{in: "ECHO \x85\xa0a\r\n", want: requests([]string{"ECHO", "\x85\xa0a"})},

		{in: `ECHO "a b"` + "\r\n", want: requests([]string{"ECHO", "a b"})},
		{in: `ECHO a"b c"` + "\r\n", want: requests([]string{"ECHO", "ab c"})},
		{in: `ECHO a'b c'` + "\r\n", want: requests([]string{"ECHO", "ab c"})},
		{in: `ECHO "" ''` + "\r\n", want: requests([]string{"ECHO", "", ""})},
		{in: `""` + "\r\n", want: requests([]string{""})},
		{in: `ECHO "\x41\xzz\x4\n\r\t\a\b\q\"\\"` + "\r\n", want: requests([]string{"ECHO", "Axzzx4\n\r\t\a\bq\"\\"})},
		{in: `ECHO "\x00\xfF\xAb"` + "\r\n", want: requests([]string{"ECHO", "\x00\xff\xab"})},
		{in: `ECHO 'a\'b\n"'` + "\r\n", want: requests([]string{"ECHO", `a'b\n"`})},
		{in: "ECHO \"a\"\t'b'\v\"c\"\r\n", want: requests([]string{"ECHO", "a", "b", "c"})},
		{in: `ECHO "a` + "\t" + `b' c"` + "\r\n", want: requests([]string{"ECHO", "a\tb' c"})},

		// A vertical tab or a form feed is space between words, and no end of one.
		{in: "ECHO a\vb\fc\r\n", want: requests([]string{"ECHO", "a\vb\fc"})},
		{in: "\v\fECHO\v\f a\r\n", want: requests([]string{"ECHO\v\f", "a"})},

		{in: "ECHO \"a\"b\r\n", broken: unbalanced},
		{in: "ECHO 'a'b\r\n", broken: unbalanced},
		{in: "ECHO \"a\"\"b\"\r\n", broken: unbalanced},
		{in: "ECHO \"a\r\n", broken: unbalanced},
		{in: "ECHO 'a\r\n", broken: unbalanced},
		{in: "ECHO x\"\r\n", broken: unbalanced},
		{in: "ECHO \"\\\r\n", broken: unbalanced},
		{in: "ECHO \"\\\"\r\n", broken: unbalanced},
		{in: "ECHO '\\\\'\\'\r\n", broken: unbalanced},
		{in: "PING\r\nECHO \"\r\n", want: requests([]string{"PING"}), broken: unbalanced},

		{in: strings.Repeat("a", 64<<10)},
		{in: strings.Repeat("a", 64<<10-1) + "\n", want: requests([]string{strings.Repeat("a", 64<<10-1)})},
		{in: strings.Repeat("a", 64<<10+1), broken: "Protocol error: too big inline request"},
	} {
		d := newDriver(&limits, true)
		d.feed([]byte(c.in))
		if !reflect.DeepEqual(d.got, c.want) || d.broken != c.broken {
			t.Errorf("%.60q:\n got %q %q\nwant %q %q", c.in, d.got, d.broken, c.want, c.broken)
		}
	}
}
