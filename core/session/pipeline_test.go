package session

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// However a pipeline is cut, the replies are the same.
func TestChunksDoNotMatter(t *testing.T) {
	script := slices.Concat(
		encodeAll([]string{"SET", "k", "v"}, []string{"GET", "k"}, []string{"get", "none"}, []string{"NOSUCH", "a"}, []string{"GET"}),
		[]byte("PING\r\n\r\n*0\r\nECHO \"a \\x41\" \r\n*-1\r\n"),
		encodeAll([]string{"HELLO", "3"}, []string{"GET", "none"}, []string{"CLIENT", "SETNAME", "me"}, []string{"CLIENT", "GETNAME"}),
		encodeAll([]string{"RESET"}, []string{"CLIENT", "GETNAME"}, []string{"CLIENT", "NOSUCH"}, []string{"INCR", "n"}, []string{"INCR", "k"}),
		encodeAll([]string{"EXPIRE", "k", "100"}, []string{"TTL", "k"}, []string{"MSET", "a", "1", "b", "2"}, []string{"MGET", "a", "b", "c"}, []string{"DEL", "a", "b", "c"}),
	)
	for name, end := range map[string]string{
		"":               "",
		"protocol error": "*1\r\n$-1\r\nPING\r\n",
		"quit":           "QUIT\r\nSET k after-quit\r\n",
		"quotes":         "\"a\"b\"\r\nPING\r\n",
		"web page":       "PING\r\nHost: example.org\r\nSET k after-host\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			input := append(slices.Clone(script), end...)
			play := func(n int) string {
				s := newServer(t, setup{})
				c := s.connect()
				out, closed := c.chunks(input, n)
				if closed != (end != "") {
					t.Fatalf("pieces of %d bytes: closed is %v", n, closed)
				}
				c.leave()
				again := s.connect()
				defer again.leave()
				return out + again.do("GET", "k")
			}
			want := play(len(input))
			if n, err := countReplies([]byte(want)); err != nil || n < 20 {
				t.Fatalf("%d replies, %v: %q", n, err, want)
			}
			for _, n := range []int{1, 2, 3, 5, 7, 16, 33, 64, 100, 200} {
				if got := play(n); got != want {
					t.Errorf("pieces of %d bytes:\n got %q\nwant %q", n, got, want)
				}
			}
		})
	}
}

// An error in a line that has been understood in part is found once, whatever
// came before it in the same piece.
func TestUnbalancedQuotesBehindOthers(t *testing.T) {
	c := newServer(t, setup{}).connect()
	defer c.leave()
	out, closed := c.send([]byte("PING\r\n\"a\"b\"\r\nPING\r\n"))
	if want := "+PONG\r\n-ERR Protocol error: unbalanced quotes in request\r\n"; out != want || !closed {
		t.Errorf("got %q, closed %v; want %q", out, closed, want)
	}
}

func TestQuitStopsTheRest(t *testing.T) {
	s := newServer(t, setup{})
	c := s.connect()
	out, closed := c.send(encodeAll([]string{"SET", "k", "1"}, []string{"QUIT"}, []string{"SET", "k", "2"}))
	if out != "+OK\r\n+OK\r\n" || !closed {
		t.Errorf("%q, closed %v", out, closed)
	}
	c.leave()
	c = s.connect()
	defer c.leave()
	if got := c.do("GET", "k"); got != bulk("1") {
		t.Errorf("a request behind QUIT was executed: %q", got)
	}
}

func TestAuthentication(t *testing.T) {
	const noAuth = "-NOAUTH Authentication required.\r\n"
	big := strings.Repeat("x", 100_000)
	for _, c := range []struct {
		name   string
		in     []byte
		out    string
		closed bool
	}{
		{"refused", encodeAll([]string{"GET", "k"}, []string{"PING"}, []string{"NOSUCH"}, []string{"GET"}),
			noAuth + noAuth + "-ERR unknown command 'NOSUCH', with args beginning with: \r\n-ERR wrong number of arguments for 'get' command\r\n", false},
		{"wrong password", encodeAll([]string{"AUTH", "no"}, []string{"PING"}),
			"-WRONGPASS invalid username-password pair or user is disabled.\r\n" + noAuth, false},
		{"then a large value in the same write", encodeAll([]string{"AUTH", "secret"}, []string{"SET", "k", big}, []string{"STRLEN", "k"}),
			"+OK\r\n+OK\r\n:100000\r\n", false},
		{"then many arguments", encodeAll([]string{"AUTH", "secret"}, strings.Fields("MSET a 1 b 2 c 3 d 4 e 5 f 6")), "+OK\r\n+OK\r\n", false},
		{"large argument before", encodeAll([]string{"SET", "k", strings.Repeat("x", 16385)}),
			"-ERR Protocol error: unauthenticated bulk length\r\n", true},
		{"many arguments before", encodeAll(strings.Fields("MSET a 1 b 2 c 3 d 4 e 5 f 6")),
			"-ERR Protocol error: unauthenticated multibulk length\r\n", true},
		{"large argument after a wrong password", encodeAll([]string{"AUTH", "no"}, []string{"SET", "k", big}),
			"-WRONGPASS invalid username-password pair or user is disabled.\r\n-ERR Protocol error: unauthenticated bulk length\r\n", true},
		// As in Redis, RESET ends what AUTH began, for the next bytes already.
		{"large argument after RESET", encodeAll([]string{"AUTH", "secret"}, []string{"RESET"}, []string{"SET", "k", big}),
			"+OK\r\n+RESET\r\n-ERR Protocol error: unauthenticated bulk length\r\n", true},
		{"after RESET", encodeAll([]string{"AUTH", "secret"}, []string{"RESET"}, []string{"PING"}, []string{"AUTH", "secret"}, []string{"PING"}),
			"+OK\r\n+RESET\r\n" + noAuth + "+OK\r\n+PONG\r\n", false},
	} {
		for _, n := range []int{1 << 20, 50_000, 1000, 7} {
			s := newServer(t, setup{password: "secret"})
			cl := s.connect()
			if out, closed := cl.chunks(c.in, n); out != c.out || closed != c.closed {
				t.Errorf("%s, pieces of %d bytes:\n got %.200q, closed %v\nwant %.200q, closed %v", c.name, n, out, closed, c.out, c.closed)
			}
			cl.leave()
			s.mustBeEmpty()
		}
	}
}

// Replies are sent before they grow without bound, and not before that.
func TestFlush(t *testing.T) {
	s := newServer(t, setup{})
	c := s.connect()
	defer c.leave()
	c.do("SET", "k", strings.Repeat("v", 1000))
	one := len(bulk(strings.Repeat("v", 1000)))
	const n = 500
	input := []byte(strings.Repeat(string(encode("GET", "k")), n))
	c.ws.Filled(copy(c.ws.ReadBuf(), input))
	total := 0
	for i := 0; ; i++ {
		next := c.Run(c.ws)
		due := c.ws.Pending()
		if next == Flush && (due < 64<<10 || due >= 64<<10+one) {
			t.Fatalf("sent at %d bytes", due)
		}
		total += due
		c.Sent(c.ws)
		if next != Flush {
			if next != Read || total != n*one || i == 0 {
				t.Fatalf("%d bytes in %d pieces, then %v; want %d bytes", total, i+1, next, n*one)
			}
			break
		}
	}
	if !c.ws.Idle() {
		t.Error("the workspace is not idle")
	}
}

// A reply that would pass the output limit is not sent, not even in part, and
// those before it are.
func TestOutputLimit(t *testing.T) {
	value := strings.Repeat("v", 40_000)
	large := strings.Repeat("w", 80_000)
	for name, breaking := range map[string][]string{
		"copied":    {"MGET", "a", "a", "a", "a"},
		"both":      {"MGET", "large", "a", "a", "a", "a"},
		"pointed":   {"MGET", "large", "large"},
		"with keys": {"KEYS", "*"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, setup{output: 128 << 10})
			c := s.connect()
			c.do("MSET", "a", value, "large", large)
			for i := range 40 {
				c.do("SET", fmt.Sprintf("%04000d", i), "")
			}
			out, closed := c.send(encodeAll([]string{"ECHO", "before"}, breaking, []string{"SET", "after", "1"}))
			if out != bulk("before") || !closed {
				t.Errorf("%d bytes %.60q, closed %v", len(out), out, closed)
			}
			c.leave()
			if n := s.env.Stats.OutputLimitCloses.Load(); n != 1 {
				t.Errorf("%d closes at the output limit", n)
			}
			c = s.connect()
			if got := c.do("EXISTS", "after"); got != ":0\r\n" {
				t.Errorf("what follows was executed: %q", got)
			}
			if got := c.do("GET", "large"); got != bulk(large) {
				t.Errorf("a single value may have any length: %.40q", got)
			}
			c.leave()
			s.mustBeEmpty()
		})
	}
}

func TestLoading(t *testing.T) {
	s := newServer(t, setup{})
	var loading atomic.Bool
	s.env.Loading = &loading
	loading.Store(true)
	c := s.connect()
	defer c.leave()
	if got, want := c.do("GET", "k"), "-LOADING Redis is loading the dataset in memory\r\n"; got != want {
		t.Errorf("GET: %q, want %q", got, want)
	}
	if got := c.do("SELECT", "0"); got != "+OK\r\n" {
		t.Errorf("SELECT: %q", got)
	}
	loading.Store(false)
	if got := c.do("GET", "k"); got != "$-1\r\n" {
		t.Errorf("GET: %q", got)
	}
	get := s.env.Table.Lookup([]byte("get"))
	if calls, failed, rejected := s.env.Stats.Command(get.Index); calls != 1 || failed != 0 || rejected != 1 {
		t.Errorf("GET: %d calls, %d failed, %d rejected", calls, failed, rejected)
	}
}
