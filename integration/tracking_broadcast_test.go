package integration

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/integration/harness"
)

// These tests hold for redis-server as well: run them with
// -against redis-server. The newest servers are compared where they are there.

// broadcasts are what a client sends at once, and what one that is told of all
// keys, one with the prefixes "user:" and "item:" and one with all keys and
// NOLOOP are told of it then, as messages of keys.
var broadcasts = []struct {
	name             string
	commands         []string
	all, some, other [][]string
	own              [][]string // the NOLOOP one's, if it was the one who wrote
}{
	{"one key", []string{"SET user:1 v"}, [][]string{{"user:1"}}, [][]string{{"user:1"}}, [][]string{{"user:1"}}, nil},
	{"one command", []string{"MSET user:2 v item:1 v user:1 v x v"},
		[][]string{{"item:1", "user:1", "user:2", "x"}}, [][]string{{"item:1"}, {"user:1", "user:2"}}, [][]string{{"item:1", "user:1", "user:2", "x"}}, nil},
	{"a key twice", []string{"SET user:1 v", "APPEND user:1 w", "SET user:0 v"},
		[][]string{{"user:0", "user:1"}}, [][]string{{"user:0", "user:1"}}, [][]string{{"user:0", "user:1"}}, nil},
	{"a transaction", []string{"MULTI", "SET b v", "GET b", "SET a v", "EXEC"}, [][]string{{"a", "b"}}, nil, [][]string{{"a", "b"}}, nil},
	{"keys that are gone", []string{"DEL user:1 user:2 none"}, [][]string{{"user:1", "user:2"}}, [][]string{{"user:1", "user:2"}}, [][]string{{"user:1", "user:2"}}, nil},
	{"reads", []string{"GET a", "EXISTS user:1"}, nil, nil, nil, nil},
}

func messages(keys [][]string) (all string) {
	for _, k := range keys {
		all += invalidate(k...)
	}
	return all
}

// pipeline sends commands at once and takes as many replies.
func pipeline(t *testing.T, c *harness.Conn, commands ...string) (replies string) {
	t.Helper()
	if _, err := c.Write([]byte(strings.Join(commands, "\r\n") + "\r\n")); err != nil {
		t.Fatal(err)
	}
	for range commands {
		r, err := c.Reply()
		if err != nil {
			t.Fatal(err)
		}
		replies += r
	}
	return replies
}

// toldAll expects these messages and no more.
func toldAll(t *testing.T, what string, c *harness.Conn, want string) {
	t.Helper()
	if err := c.Send("PING"); err != nil {
		t.Fatal(err)
	}
	got := ""
	for {
		r, err := c.Reply()
		if err != nil {
			t.Fatal(err)
		}
		if r == "+PONG\r\n" {
			break
		}
		got += r
	}
	if got != want {
		t.Errorf("%s was told %q, want %q", what, got, want)
	}
}

func TestTrackingBroadcastsTogether(t *testing.T) {
	broadcastsTogether(t, serve(t, harness.Options{}))
	harness.EachPeer(t, harness.Options{}, broadcastsTogether)
}

func broadcastsTogether(t *testing.T, s *harness.Server) {
	writer, all, some, other := dial(t, s), dial3(t, s), dial3(t, s), dial3(t, s)
	want(t, all, "+OK\r\n", "CLIENT", "TRACKING", "ON", "BCAST")
	want(t, some, "+OK\r\n", "CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "user:", "PREFIX", "item:")
	want(t, other, "+OK\r\n", "CLIENT", "TRACKING", "ON", "BCAST", "NOLOOP")
	for _, b := range broadcasts {
		for _, c := range []*harness.Conn{writer, other} {
			pipeline(t, writer, "MSET user:1 v user:2 v", "PING")
			for _, x := range []*harness.Conn{all, some, other} {
				toldAll(t, "of the start", x, invalidate("user:1", "user:2"))
			}
			name, to := b.name, b.other
			if c == other {
				name, to = b.name+", its own", b.own
			}
			pipeline(t, c, b.commands...)
			toldAll(t, name+": the one with all keys", all, messages(b.all))
			toldAll(t, name+": the one with prefixes", some, messages(b.some))
			toldAll(t, name+": the one with NOLOOP", other, messages(to))
		}
	}
}

// What a client did itself it is told after all replies to what it has sent.
func TestTrackingBroadcastFollowsReplies(t *testing.T) {
	s := serve(t, harness.Options{})
	c := dial3(t, s)
	want(t, c, "+OK\r\n", "CLIENT", "TRACKING", "ON", "BCAST")
	if got, want := pipeline(t, c, "SET b v", "SET a v", "GET b"), "+OK\r\n+OK\r\n"+bulk("v"); got != want {
		t.Errorf("replies %q, want %q", got, want)
	}
	toldAll(t, "it", c, invalidate("a", "b"))
	// It is told nothing that it no longer tracks, and others are.
	other := dial3(t, s)
	want(t, other, "+OK\r\n", "CLIENT", "TRACKING", "ON", "BCAST")
	pipeline(t, c, "SET b v", "CLIENT TRACKING OFF")
	toldAll(t, "one that no longer tracks", c, "")
	toldAll(t, "one that does", other, invalidate("b"))
	// One that hangs up has done what it has done.
	if _, err := c.Write([]byte("SET c v\r\nSET d v\r\nQUIT\r\n")); err != nil {
		t.Fatal(err)
	}
	if rest, err := c.Rest(); err != nil || rest != "+OK\r\n+OK\r\n+OK\r\n" {
		t.Errorf("before it hung up: %q, %v", rest, err)
	}
	toldAll(t, "one that stays", other, invalidate("c", "d"))
}

func TestTrackingBroadcastRedirected(t *testing.T) {
	s := serve(t, harness.Options{})
	listener, c := dial(t, s), dial(t, s)
	const channel = "__redis__:invalidate"
	to := id(t, listener)
	want(t, listener, "*3\r\n"+bulk("subscribe")+bulk(channel)+":1\r\n", "SUBSCRIBE", channel)
	want(t, c, "+OK\r\n", "CLIENT", "TRACKING", "ON", "BCAST", "REDIRECT", to)
	pipeline(t, c, "SET b v", "SET a v")
	told(t, listener, "*3\r\n"+bulk("message")+bulk(channel)+array("a", "b"))
}

// manyPrefixes is a command with n prefixes that don't overlap.
func manyPrefixes(n int, more ...string) []string {
	args := []string{"CLIENT", "TRACKING", "ON", "BCAST"}
	for i := range n {
		args = append(args, "PREFIX", fmt.Sprintf("%06d:", i*7919%n))
	}
	return append(args, more...)
}

// With very many prefixes none of it takes longer than it has to.
func TestTrackingManyPrefixes(t *testing.T) {
	s := harness.Redistill(t, harness.Options{})
	const n = 150_000 // compared each with each they would take minutes
	writer, c := dial(t, s), dial3(t, s)
	const overlaps = "-ERR Prefix '%s' overlaps with %s prefix '%s'. Prefixes for a single client must not overlap.\r\n"
	want(t, c, fmt.Sprintf(overlaps, "000000:", "another provided", "000000:1"), manyPrefixes(n, "PREFIX", "000000:1")...)
	want(t, c, "+OK\r\n", manyPrefixes(n)...)
	want(t, c, fmt.Sprintf(overlaps, "000005:x", "an existing", "000005:"), "CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "000005:x")
	for i := range 2000 {
		pipeline(t, writer, fmt.Sprintf("MSET %06d:k v %06d v", i, i))
		told(t, c, invalidate(fmt.Sprintf("%06d:k", i)))
	}
	want(t, c, "+OK\r\n", "CLIENT", "TRACKING", "OFF")
	want(t, writer, "+OK\r\n", "SET", "000001:k", "v")
	notTold(t, c)
	// A client that is killed on the way leaves nothing behind.
	request := harness.AppendCommand(nil, manyPrefixes(n)...)
	for range 3 {
		victim := dial(t, s)
		number := id(t, victim)
		if _, err := victim.Write(request); err != nil {
			t.Fatal(err)
		}
		want(t, writer, ":1\r\n", "CLIENT", "KILL", "ID", number)
		_, _ = victim.Rest() // an end or a reset
	}
	for {
		info, err := writer.Do("INFO", "everything")
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(strings.Fields(info), "tracking_total_prefixes:0") {
			break
		}
	}
}
