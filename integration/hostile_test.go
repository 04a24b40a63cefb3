package integration

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/redistill-go/redistill/integration/harness"
)

const (
	invalidBulk      = "-ERR Protocol error: invalid bulk length\r\n"
	invalidCRLF      = "-ERR Protocol error: invalid CRLF in request\r\n"
	invalidMultibulk = "-ERR Protocol error: invalid multibulk length\r\n"
	pong             = "+PONG\r\n"
	noAuth           = "-NOAUTH Authentication required.\r\n"
)

// broken is bytes that a server must survive. QUIT is sent behind them, so
// that a server which does not close for their sake closes for that.
var broken = []struct {
	name  string
	bytes string
	reply string // everything up to the close
}{
	{"bulk length -2", "*1\r\n$-2\r\n", invalidBulk},
	{"bulk length -1", "*1\r\n$-1\r\n", invalidBulk},
	{"bulk length of 63 bits", "*1\r\n$9223372036854775807\r\n", invalidBulk},
	{"bulk length of 64 bits", "*1\r\n$18446744073709551615\r\n", invalidBulk},
	{"bulk length just over the limit", "*1\r\n$536870913\r\n", invalidBulk},
	{"bulk length with a sign", "*1\r\n$+4\r\nPING\r\n", invalidBulk},
	{"bulk length with a space", "*1\r\n$ 4\r\nPING\r\n", invalidBulk},
	{"bulk length missing", "*1\r\n$\r\n", invalidBulk},
	{"no bulk", "*1\r\n:4\r\n", "-ERR Protocol error: expected '$', got ':'\r\n"},
	{"multibulk inside multibulk", "*1\r\n*1\r\n$4\r\nPING\r\n", "-ERR Protocol error: expected '$', got '*'\r\n"},
	{"multibulk length over the limit", "*2147483648\r\n", invalidMultibulk},
	{"multibulk length of 63 bits", "*9223372036854775807\r\n", invalidMultibulk},
	{"multibulk length of 64 bits", "*99999999999999999999\r\n", invalidMultibulk},
	{"multibulk length that is no number", "*x\r\n", invalidMultibulk},
	{"multibulk length missing", "*\r\n", invalidMultibulk},
	{"multibulk length with a leading zero", "*01\r\n$4\r\nPING\r\n", invalidMultibulk},
	{"multibulk length -1 is ignored", "*-1\r\n*1\r\n$4\r\nPING\r\n", pong + "+OK\r\n"},
	{"multibulk length -10 is ignored", "*-10\r\n*1\r\n$4\r\nPING\r\n", pong + "+OK\r\n"},
	{"multibulk length 0 is ignored", "*0\r\n*1\r\n$4\r\nPING\r\n", pong + "+OK\r\n"},
	{"empty lines are ignored", "\r\n\n\r\nPING\r\n", pong + "+OK\r\n"},
	{"an empty command", "*1\r\n$0\r\n\r\n", "-ERR unknown command '', with args beginning with: \r\n+OK\r\n"},
	{"inline", "PING\r\nping\nECHO \"a \\x41\"\r\nECHO 'b c'\r\n", pong + pong + "$3\r\na A\r\n" + "$3\r\nb c\r\n+OK\r\n"},
	{"unbalanced quotes", "ECHO \"a\r\n", "-ERR Protocol error: unbalanced quotes in request\r\n"},
	{"text after a quote", "ECHO \"a\"b\r\n", "-ERR Protocol error: unbalanced quotes in request\r\n"},
	{"commands before the error are answered", "*1\r\n$4\r\nPING\r\n*1\r\n$-2\r\n", pong + invalidBulk},
	{"commands after the error are not run", "*1\r\n$-2\r\n*1\r\n$4\r\nPING\r\n", invalidBulk},
	{"commands after QUIT are not run", "*1\r\n$4\r\nQUIT\r\n*3\r\n$3\r\nSET\r\n$5\r\nafter\r\n$1\r\nv\r\n", "+OK\r\n"},
}

// conversation sends the bytes and returns everything that comes back until
// the server closes.
func conversation(t *testing.T, s *harness.Server, sent string) string {
	t.Helper()
	c := dial(t, s)
	if _, err := io.WriteString(c, sent); err != nil {
		t.Fatal(err)
	}
	got, err := c.Rest()
	// A server that closes with input unread resets the connection.
	if err != nil && !errors.Is(err, syscall.ECONNRESET) {
		t.Fatalf("after %.100q, received %.100q: %v", sent, got, err)
	}
	return got
}

func TestHostileBytes(t *testing.T) {
	s := serve(t, harness.Options{})
	for _, b := range broken {
		t.Run(b.name, func(t *testing.T) {
			if got := conversation(t, s, b.bytes+"QUIT\r\n"); got != b.reply {
				t.Errorf("%q: got %q, want %q", b.bytes, got, b.reply)
			}
			alive(t, s)
		})
	}
	want(t, dial(t, s), ":0\r\n", "EXISTS", "after")
}

// The expectations above are Redis's behaviour, not somebody's idea of it.
func TestHostileBytesLikeRedis(t *testing.T) {
	s := harness.Redis(t, harness.Options{})
	for _, b := range broken {
		if got := conversation(t, s, b.bytes+"QUIT\r\n"); got != b.reply {
			t.Errorf("%s: redis-server replies %q, the table says %q", b.name, got, b.reply)
		}
	}
}

// misended is bytes in which CR LF is missing where it should be. Redis does not
// look: the reference is Valkey.
var misended = []struct{ name, bytes, reply string }{
	{"argument", "*1\r\n$4\r\nPINGxx", invalidCRLF},
	{"argument, CR", "*1\r\n$4\r\nPINGx\n", invalidCRLF},
	{"argument, LF", "*1\r\n$4\r\nPING\rx", invalidCRLF},
	{"argument that is longer than it says", "*2\r\n$4\r\nECHO\r\n$3\r\nfour\r\n", invalidCRLF},
	{"large argument", "*2\r\n$4\r\nECHO\r\n$100000\r\n" + strings.Repeat("x", 100_000) + "x\n", invalidCRLF},
	{"number of arguments", "*1\rx$4\r\nPING\r\n", invalidCRLF},
	{"number of arguments, no number", "*x\rx", invalidCRLF},
	{"no arguments", "*0\rxPING\r\n", invalidCRLF},
	{"length", "*1\r\n$4\rxPING\r\n", invalidCRLF},
	{"length, no length", "*1\r\n$-1\rxPING\r\n", invalidCRLF},
	{"length, no $", "*1\r\n4\rxPING\r\n", "-ERR Protocol error: expected '$', got '4'\r\n"},
	{"behind a request", "*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPINGxx", pong + invalidCRLF},
	{"set that must not run", "*3\r\n$3\r\nSET\r\n$5\r\nafter\r\n$1\r\nvv\r\n", invalidCRLF},
}

func TestMisendedBytes(t *testing.T) {
	s := serve(t, harness.Options{})
	for _, b := range misended {
		if got := conversation(t, s, b.bytes+"QUIT\r\n"); got != b.reply {
			t.Errorf("%s: got %q, want %q", b.name, got, b.reply)
		}
		alive(t, s)
	}
	want(t, dial(t, s), ":0\r\n", "EXISTS", "after")
	harness.EachPeer(t, harness.Options{}, func(t *testing.T, peer *harness.Server) {
		if peer.Name != "valkey-server" {
			return
		}
		for _, b := range misended {
			// What is unread when it closes may reset the connection, and the
			// reply with it.
			if got := conversation(t, peer, b.bytes+"QUIT\r\n"); got != b.reply && got != "" {
				t.Errorf("%s: replies %q, the table says %q", b.name, got, b.reply)
			}
		}
	})
}

// A request has as many arguments as the client cares to send.
func TestManyArguments(t *testing.T) {
	s := serve(t, harness.Options{})
	c := dial(t, s)
	const n = 1<<20 + 1 // in all; what was once the limit, and one more
	args := make([]string, n)
	args[0] = "DEL"
	for i := range args[1:] {
		args[1+i] = strconv.Itoa(i)
	}
	want(t, c, "+OK\r\n", "MSET", "0", "a", strconv.Itoa(n-2), "b", strconv.Itoa(n-1), "c")
	want(t, c, ":2\r\n", args...)
	want(t, c, bulk("c"), "GET", strconv.Itoa(n-1))
	args[0] = "MGET"
	if _, err := c.Write(harness.AppendCommand(nil, args...)); err != nil {
		t.Fatal(err)
	}
	if reply, err := c.Reply(); err != nil || reply != fmt.Sprintf("*%d\r\n", n-1)+strings.Repeat("$-1\r\n", n-1) {
		t.Errorf("MGET: %.60q, %d bytes, %v", reply, len(reply), err)
	}
	want(t, c, "+PONG\r\n", "PING")
}

// A web page can make a browser send any text to a local port, but not without
// an HTTP header before it: what follows one must not run.
func TestCrossProtocolScripting(t *testing.T) {
	s := serve(t, harness.Options{})
	for _, header := range []string{"POST / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: localhost\r\n"} {
		conversation(t, s, header+"Content-Length: 30\r\n\r\nSET evil 1\r\nQUIT\r\n")
		want(t, dial(t, s), ":0\r\n", "EXISTS", "evil")
	}
}

// Every prefix of a valid request may be all that a client sends.
func TestRequestsCutShort(t *testing.T) {
	s := serve(t, harness.Options{})
	request := harness.AppendCommand(nil, "SET", "cut", "value")
	for n := range request {
		c := dial(t, s)
		if _, err := c.Write(request[:n]); err != nil {
			t.Fatal(err)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	// Byte by byte, it is still one request.
	c := dial(t, s)
	for i := range request {
		if _, err := c.Write(request[i : i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if reply, err := c.Reply(); err != nil || reply != "+OK\r\n" {
		t.Fatalf("SET byte by byte: %q, %v", reply, err)
	}
	want(t, c, bulk("value"), "GET", "cut")
}

// flood sends the prefix and then the block over and over, until the server
// closes or total bytes are out.
func flood(t *testing.T, s *harness.Server, prefix string, block []byte, total int) (reply string, sent int) {
	t.Helper()
	c := dial(t, s)
	replied := make(chan string, 1)
	go func() {
		got, _ := c.Rest() // a reset is one of the ways to close
		replied <- got
	}()
	n, err := io.WriteString(c, prefix)
	sent = n
	for err == nil && sent < total {
		n, err = c.Write(block)
		sent += n
	}
	if err == nil {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return <-replied, sent
}

// Lines that never end are cut off long before they cost memory.
func TestEndlessLines(t *testing.T) {
	s := serve(t, harness.Options{})
	before := residentMemory(t, s)
	const total = 1 << 30
	for _, f := range []struct{ name, prefix, reply string }{
		{"inline", "", "-ERR Protocol error: too big inline request\r\n"},
		{"multibulk length", "*", "-ERR Protocol error: too big mbulk count string\r\n"},
		{"bulk length", "*1\r\n$", "-ERR Protocol error: too big bulk count string\r\n"},
	} {
		t.Run(f.name, func(t *testing.T) {
			reply, sent := flood(t, s, f.prefix, bytes.Repeat([]byte("1"), 64<<10), total)
			if sent >= total {
				t.Errorf("the server took all %d bytes", sent)
			}
			// The reset may overtake the reply.
			if reply != "" && reply != f.reply {
				t.Errorf("reply %q, want %q", reply, f.reply)
			}
			alive(t, s)
		})
	}
	if grown := residentMemory(t, s) - before; grown > 64<<20 {
		t.Errorf("resident memory grew by %d MiB", grown>>20)
	}
}

// Promises of large arguments cost nothing until the bytes come.
func TestPromisesAllocateNothing(t *testing.T) {
	s := serve(t, harness.Options{})
	before := residentMemory(t, s)
	for _, promise := range []string{"*1\r\n$536870912\r\nx", "*2147483647\r\n$1\r\nx\r\n", "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\nx"} {
		for range 50 {
			c := dial(t, s)
			if _, err := io.WriteString(c, promise); err != nil {
				t.Fatal(err)
			}
		}
	}
	alive(t, s)
	if grown := residentMemory(t, s) - before; grown > 256<<20 {
		t.Errorf("resident memory grew by %d MiB for 150 requests that never came", grown>>20)
	}
}

func TestRandomGarbage(t *testing.T) {
	s := serve(t, harness.Options{})
	seed := *seedFlag
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	pieces := []string{"*", "$", "\r\n", "\n", "\r", "-1", "0", "1", "3", "99999999999", "PING", "SET", "GET", "k", "\"", "'", "\\x", " ", "\x00", "\xff"}
	for range 300 {
		var b strings.Builder
		for range 1 + r.IntN(60) {
			if r.IntN(10) == 0 {
				b.WriteByte(byte(r.Uint32()))
			} else {
				b.WriteString(pieces[r.IntN(len(pieces))])
			}
		}
		c := dial(t, s)
		if _, err := io.WriteString(c, b.String()); err != nil {
			t.Fatal(err)
		}
		if err := c.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		// Whatever it answers, it is well-formed, and the connection ends.
		for {
			reply, err := c.Reply()
			if errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF) && reply == "" {
				break
			}
			if err != nil {
				t.Fatalf("%q: reply %q, %v", b.String(), reply, err)
			}
		}
	}
	alive(t, s)
}

// Before AUTH, a client may send little.
func TestLimitsBeforeAuthentication(t *testing.T) {
	s := serve(t, harness.Options{Password: "s3cret"})
	auth := string(harness.AppendCommand(nil, "AUTH", "s3cret"))
	ten := string(harness.AppendCommand(nil, strings.Fields("EXISTS a b c d e f g h i")...))
	eleven := string(harness.AppendCommand(nil, strings.Fields("EXISTS a b c d e f g h i j")...))
	for _, c := range []struct{ name, sent, reply string }{
		{"10 arguments", ten + "QUIT\r\n", noAuth + "+OK\r\n"},
		{"11 arguments", eleven + "QUIT\r\n", "-ERR Protocol error: unauthenticated multibulk length\r\n"},
		{"16384 bytes", string(harness.AppendCommand(nil, "GET", strings.Repeat("k", 16384))) + "QUIT\r\n", noAuth + "+OK\r\n"},
		{"16385 bytes", "*2\r\n$3\r\nGET\r\n$16385\r\n", "-ERR Protocol error: unauthenticated bulk length\r\n"},
		{"11 arguments after AUTH", auth + eleven + "QUIT\r\n", "+OK\r\n:0\r\n+OK\r\n"},
		{"16385 bytes after AUTH", auth + string(harness.AppendCommand(nil, "GET", strings.Repeat("k", 16385))) + "QUIT\r\n", "+OK\r\n$-1\r\n+OK\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := conversation(t, s, c.sent); got != c.reply {
				t.Errorf("got %q, want %q", got, c.reply)
			}
			if err := authenticated(t, s, "s3cret"); err != nil {
				t.Error(err)
			}
		})
	}
}

func authenticated(t *testing.T, s *harness.Server, password string) error {
	t.Helper()
	c := dial(t, s)
	if reply, err := c.Do("AUTH", password); err != nil || reply != "+OK\r\n" {
		return fmt.Errorf("AUTH: %q, %v", reply, err)
	}
	return c.Close()
}

func residentMemory(t *testing.T, s *harness.Server) int64 {
	t.Helper()
	rss, err := s.RSS()
	if err != nil {
		t.Fatal(err)
	}
	return rss
}
