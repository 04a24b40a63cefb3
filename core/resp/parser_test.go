package resp_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/resp"
)

func requests(r ...[]string) [][]string { return r }

// Every answer here is what Valkey 9.1 gives, and Redis too where lines end as
// they should: Redis doesn't look at what follows an argument or a CR.
func TestParser(t *testing.T) {
	const badCount, badBulk = "Protocol error: invalid multibulk length", "Protocol error: invalid bulk length"
	const badEnd = "Protocol error: invalid CRLF in request"
	ping := requests([]string{"PING"})
	limits := resp.DefaultLimits(512 << 20)
	for _, c := range []struct {
		in     string
		want   [][]string
		broken string
	}{
		{in: ""},
		{in: "*1\r\n$4\r\nPING\r\n", want: ping},
		{in: "*1\r\n$4\r\nPING\r"},
		{in: "*2\r\n$3\r\nGET\r\n$0\r\n\r\n*1\r\n$4\r\nPING\r\n", want: requests([]string{"GET", ""}, []string{"PING"})},
		{in: "*1\r\n$0\r\n\r\n", want: requests([]string{""})},
		{in: "*1\r\n$4\r\n\r\n\r\n\r\n", want: requests([]string{"\r\n\r\n"})},

		// Requests without arguments are none.
		{in: "*-1\r\nPING\r\n", want: ping},
		{in: "*-10\r\nPING\r\n", want: ping},
		{in: "*-9223372036854775808\r\nPING\r\n", want: ping},
		{in: "*0\r\n*0\r\nPING\r\n", want: ping},

		{in: "*\r\n", broken: badCount},
		{in: "*+1\r\n", broken: badCount},
		{in: "*01\r\n", broken: badCount},
		{in: "*00\r\n", broken: badCount},
		{in: "*-0\r\n", broken: badCount},
		{in: "*- 1\r\n", broken: badCount},
		{in: "* 1\r\n", broken: badCount},
		{in: "*1 \r\n", broken: badCount},
		{in: "*1x\r\n", broken: badCount},
		{in: "*2147483647\r\n"},
		{in: "*2147483648\r\n", broken: badCount},
		{in: "*9223372036854775807\r\n", broken: badCount},
		{in: "*9223372036854775808\r\n", broken: badCount},
		{in: "*-9223372036854775809\r\n", broken: badCount},
		{in: "*99999999999999999999999999\r\n", broken: badCount},
		{in: "*1\n$4\r\nPING\r\n", broken: badCount},
		{in: "*" + strings.Repeat("1", 65534) + "\r\n", broken: badCount},
		{in: "*" + strings.Repeat("1", 70000), broken: "Protocol error: too big mbulk count string"},

		{in: "*1\r\n$-1\r\n", broken: badBulk},
		{in: "*1\r\n$-2\r\n", broken: badBulk},
		{in: "*1\r\n$+4\r\nPING\r\n", broken: badBulk},
		{in: "*1\r\n$04\r\nPING\r\n", broken: badBulk},
		{in: "*1\r\n$\r\n", broken: badBulk},
		{in: "*1\r\n$4\nPING\r\n", broken: badBulk},
		{in: "*1\r\n$536870912\r\n"},
		{in: "*1\r\n$536870913\r\n", broken: badBulk},
		{in: "*1\r\n$9223372036854775807\r\n", broken: badBulk},
		{in: "*1\r\n$" + strings.Repeat("1", 65534) + "\r\n", broken: badBulk},
		{in: "*1\r\n$" + strings.Repeat("1", 70000), broken: "Protocol error: too big bulk count string"},

		// Arguments and lengths end with CR LF, and with nothing else. What is
		// said of a line that is wrong in two ways is the first thing of these:
		// no '$', no CR LF, no number.
		{in: "*1\r\n$4\r\nPINGxxPING\r\n", broken: badEnd},
		{in: "*1\r\n$4\r\nPINGx\nPING\r\n", broken: badEnd},
		{in: "*1\r\n$4\r\nPING\rxPING\r\n", broken: badEnd},
		{in: "*1\r\n$4\r\nPING\n\r", broken: badEnd},
		{in: "*1\r\n$4\r\nPINGx"},
		{in: "*2\r\n$4\r\nECHOxx$1\r\na\r\n", broken: badEnd},
		{in: "*2\r\n$4\r\nECHO\r\n$1\r\nab\r", broken: badEnd},
		{in: "*1\r\n$0\r\nxx", broken: badEnd},
		{in: "*1\rx$4\r\nPING\r\n", broken: badEnd},
		{in: "*12345678901\rx", broken: badEnd},
		{in: "*0\rxPING\r\n", broken: badEnd},
		{in: "*-5\rxPING\r\n", broken: badEnd},
		{in: "*a\rx", broken: badEnd},
		{in: "*\r\r\n", broken: badEnd},
		{in: "*1\r"},
		{in: "*1\r\n$4\rxPING\r\n", broken: badEnd},
		{in: "*1\r\n$a\rxPING\r\n", broken: badEnd},
		{in: "*1\r\n$-1\rxPING\r\n", broken: badEnd},
		{in: "*1\r\n4\rxPING\r\n", broken: "Protocol error: expected '$', got '4'"},
		{in: "PING\r\n*1\r\n$4\r\nPINGxx", want: ping, broken: badEnd},

		{in: "*1\r\n\r\n", broken: "Protocol error: expected '$', got ' '"},
		{in: "*1\r\n\n$4\r\nPING\r\n", broken: "Protocol error: expected '$', got ' '"},
		{in: "*1\r\n+4\r\n", broken: "Protocol error: expected '$', got '+'"},
		{in: "*1\r\n'4\r\n", broken: "Protocol error: expected '$', got '''"},
		{in: "*1\r\n\x014\r\n", broken: "Protocol error: expected '$', got '\x01'"},
		{in: "*1\r\n\xff4\r\n", broken: "Protocol error: expected '$', got '\xff'"},
		{in: "*3\r\n*3\r\n", broken: "Protocol error: expected '$', got '*'"},
		{in: "*2\r\n$4\r\nPING\r\n+OK\r\n", broken: "Protocol error: expected '$', got '+'"},

		// What came before an error is read.
		{in: "PING\r\n*x\r\n", want: ping, broken: badCount},
		{in: "*1\r\n$4\r\nPING\r\n*1\r\n$-7\r\n", want: ping, broken: badBulk},
	} {
		d := newDriver(&limits, true)
		d.feed([]byte(c.in))
		if !reflect.DeepEqual(d.got, c.want) || d.broken != c.broken {
			t.Errorf("%.60q:\n got %q %q\nwant %q %q", c.in, d.got, d.broken, c.want, c.broken)
		}
	}
}

// Before authentication a request may be no larger than AUTH and HELLO are.
func TestParserUnauthenticated(t *testing.T) {
	limits := resp.DefaultLimits(512 << 20)
	for _, c := range []struct{ in, broken string }{
		{"*10\r\n", ""},
		{"*11\r\n", "Protocol error: unauthenticated multibulk length"},
		{"*2147483648\r\n", "Protocol error: invalid multibulk length"},
		{"*1\r\n$16384\r\n", ""},
		{"*1\r\n$16385\r\n", "Protocol error: unauthenticated bulk length"},
		{"*1\r\n$536870913\r\n", "Protocol error: invalid bulk length"},
		{"PING" + strings.Repeat(" a", 20) + "\r\n", ""},
	} {
		d := newDriver(&limits, false)
		if d.feed([]byte(c.in)); d.broken != c.broken {
			t.Errorf("%.30q: %q, want %q", c.in, d.broken, c.broken)
		}
	}
}

func TestParserLimits(t *testing.T) {
	limits := resp.Limits{MaxArgs: 3, MaxBulk: 10, AuthArgs: 3, AuthBulk: 10, MaxRequest: 64, BlobMin: 8}
	for _, c := range []struct{ in, broken string }{
		{"*3\r\n", ""},
		{"*4\r\n", "Protocol error: invalid multibulk length"},
		{"*1\r\n$10\r\n", ""},
		{"*1\r\n$11\r\n", "Protocol error: invalid bulk length"},
	} {
		d := newDriver(&limits, true)
		if d.feed([]byte(c.in)); d.broken != c.broken {
			t.Errorf("%.30q: %q, want %q", c.in, d.broken, c.broken)
		}
	}
	// Only what is in the buffer counts as the request's length.
	limits.MaxArgs, limits.BlobMin = 100, 10
	d := newDriver(&limits, true)
	for _, b := range encode(strings.Split(strings.Repeat("0123456789 ", 5)+"-", " ")) {
		d.feed([]byte{b})
	}
	if d.broken != "" || len(d.got) != 1 {
		t.Errorf("arguments with places of their own: %q %q", d.got, d.broken)
	}
	for _, b := range encode(strings.Split(strings.Repeat("01234567 ", 9)+"-", " ")) {
		d.feed([]byte{b})
	}
	if want := "Protocol error: too big request"; d.broken != want {
		t.Errorf("a long request: %q, want %q", d.broken, want)
	}
}

// A protocol error stays: the parser may have changed the line that it failed
// on, and would understand it the second time.
func TestParserStaysBroken(t *testing.T) {
	limits := resp.DefaultLimits(1 << 20)
	in := []byte("PING\r\n\"a\"b\"\r\nPING\r\n")
	p := resp.NewParser(&limits)
	if _, st := p.Next(in, true); st != resp.Complete {
		t.Fatalf("PING: %v", st)
	}
	for range 3 {
		if r, st := p.Next(in, true); st != resp.Broken || p.Err() != "Protocol error: unbalanced quotes in request" {
			t.Fatalf("%v %v %q", r, st, p.Err())
		}
		done := p.Pos()
		p.Reset(done)
		in = in[done:]
	}
}

// What follows a large argument is looked at as well, in one piece and byte by
// byte.
func TestParserEndOfBlobs(t *testing.T) {
	limits := resp.DefaultLimits(1 << 20)
	limits.BlobMin = 4
	for in, broken := range map[string]bool{
		"*2\r\n$1\r\na\r\n$5\r\n12345\r\n": false,
		"*2\r\n$1\r\na\r\n$5\r\n12345\rx":  true,
		"*2\r\n$1\r\na\r\n$5\r\n12345x\n":  true,
		"*2\r\n$5\r\n12345xx$1\r\na\r\n":   true,
		"*2\r\n$5\r\n123456\r\n":           true,
		"*1\r\n$5\r\n1234\r\n*1":           true,
	} {
		want := ""
		if broken {
			want = "Protocol error: invalid CRLF in request"
		}
		whole, pieces := newDriver(&limits, true), newDriver(&limits, true)
		whole.feed([]byte(in))
		for _, b := range []byte(in) {
			pieces.feed([]byte{b})
		}
		if whole.broken != want || !pieces.equal(whole) || len(whole.got) == 1 == broken {
			t.Errorf("%q: %q %q in one piece, %q %q byte by byte", in, whole.got, whole.broken, pieces.got, pieces.broken)
		}
	}
}

// The numbers of blobs begin anew with each request, even if the next one has
// always begun already when one is complete.
func TestParserBlobNumbers(t *testing.T) {
	limits := resp.DefaultLimits(1 << 20)
	limits.BlobMin = 4
	d := newDriver(&limits, true)
	stream := encode(strings.Fields(strings.Repeat("SET k 12345678 ", 50))[:3])
	d.feed(stream[:len(stream)-4])
	for range 50 {
		d.feed([]byte(string(stream[len(stream)-4:]) + string(stream[:len(stream)-4])))
		if d.blob != 1 {
			t.Fatalf("after %d requests the blob has number %d", len(d.got), d.blob)
		}
	}
}

// An announced length costs nothing: memory is for bytes that have arrived.
func TestParserAllocatesNothingForPromises(t *testing.T) {
	limits := resp.DefaultLimits(512 << 20)
	for _, in := range []string{
		"*2147483647\r\n", "*2147483647\r\n$536870912\r\n", "*1\r\n$65535\r\nabc", "*1\r\n$536870912\r\n" + strings.Repeat("x", 1000),
	} {
		b := []byte(in)
		if n := testing.AllocsPerRun(100, func() {
			p := resp.NewParser(&limits)
			_, _ = p.Next(b, true)
			p.Reset(p.Pos())
		}); n != 0 {
			t.Errorf("%.40q: %v allocations", in, n)
		}
	}
}

// Spans of a huge request are not kept for the small ones that follow.
func TestParserForgetsHugeRequests(t *testing.T) {
	limits := resp.DefaultLimits(1 << 20)
	huge, ping := encode(make([]string, 1<<16)), encode([]string{"PING"})
	p := resp.NewParser(&limits)
	for range 2 {
		if args, st := p.Next(huge, true); st != resp.Complete || len(args) != 1<<16 {
			t.Fatalf("%d arguments, %v", len(args), st)
		}
		p.Reset(len(huge))
		args, st := p.Next(ping, true)
		if st != resp.Complete || len(args) != 1 {
			t.Fatalf("%d arguments, %v", len(args), st)
		}
		if cap(args) > 4096 {
			t.Fatalf("PING has room for %d spans", cap(args))
		}
		p.Reset(len(ping))
	}
}
