package integration

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/redistill-go/redistill/integration/harness"
)

var against = flag.String("against", "redistill", "server under test, where a test fits both: redistill or redis-server")

// The seed is fixed, so that a failure means that the code has changed.
var seedFlag = flag.Uint64("seed", 1, "seed of the random tests; 0 for a new one, which they log")

// A few are enough to see that nothing is broken; more find what is rare.
var killsFlag = flag.Int("kills", 3, "how often the test of killed servers kills each")

func TestMain(m *testing.M) {
	flag.Parse()
	if *seedFlag == 0 {
		*seedFlag = rand.Uint64()
	}
	if *against != "redistill" && *against != "redis-server" {
		fmt.Fprintf(os.Stderr, "-against %s: use redistill or redis-server\n", *against)
		os.Exit(2)
	}
	harness.Main(m)
}

// serve starts the server under test.
func serve(t *testing.T, o harness.Options) *harness.Server {
	t.Helper()
	if *against == "redis-server" {
		return harness.Redis(t, o)
	}
	return harness.Redistill(t, o)
}

func certificates(t *testing.T) *harness.Certificates {
	t.Helper()
	c, err := harness.NewCertificates(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func dial(t *testing.T, s *harness.Server) *harness.Conn {
	t.Helper()
	c, err := harness.Dial(t.Context(), "tcp", s.TCP)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() }) // often closed by the server already
	return c
}

// want sends a command and checks its raw reply.
func want(t *testing.T, c *harness.Conn, reply string, args ...string) {
	t.Helper()
	got, err := c.Do(args...)
	if err != nil {
		t.Fatalf("%.80q: %v", args, err)
	}
	if got != reply {
		t.Fatalf("%.80q: got %.200q, want %.200q", args, got, reply)
	}
}

// bulk is s as a bulk string.
func bulk(s string) string { return fmt.Sprintf("$%d\r\n%s\r\n", len(s), s) }

// alive checks that the server still serves a fresh connection.
func alive(t *testing.T, s *harness.Server) {
	t.Helper()
	c := dial(t, s)
	want(t, c, "+PONG\r\n", "PING")
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
}

// shorten keeps failure messages readable.
func shorten(s string) string {
	if len(s) <= 400 {
		return s
	}
	return fmt.Sprintf("%s… (%d bytes)", s[:400], len(s))
}
