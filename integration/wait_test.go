package integration

import (
	"crypto/tls"
	"fmt"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/integration/harness"
)

// These tests hold for redis-server as well.

// blockedClients waits until so many clients wait in a blocking command.
func blockedClients(t *testing.T, c *harness.Conn, n int64) {
	t.Helper()
	eventually(t, fmt.Sprintf("%d clients wait", n), func() error {
		if got := info(t, c, "blocked_clients"); got != n {
			return fmt.Errorf("%d do", got)
		}
		return nil
	})
}

func TestWaitTakesItsTimeAndRepliesInOrder(t *testing.T) {
	s := serve(t, harness.Options{})
	c := dial(t, s)
	var batch []byte
	for _, args := range [][]string{
		{"SET", "k", "v"}, {"WAIT", "0", "0"}, {"WAIT", "1", "30"}, {"GET", "k"},
		{"MULTI"}, {"WAIT", "1", "0"}, {"EXEC"},
		{"CLIENT", "REPLY", "SKIP"}, {"WAIT", "1", "1"}, {"WAIT", "-1", "0"}, {"WAIT", "x", "0"}, {"WAIT", "1", "-1"},
	} {
		batch = harness.AppendCommand(batch, args...)
	}
	if _, err := c.Write(batch); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		"+OK\r\n", ":0\r\n", ":0\r\n", bulk("v"), "+OK\r\n", "+QUEUED\r\n", "*1\r\n:0\r\n", ":0\r\n",
		"-ERR value is not an integer or out of range\r\n", "-ERR timeout is negative\r\n",
	} {
		if got, err := c.Reply(); err != nil || got != want {
			t.Fatalf("reply %d: %q, %v; want %q", i, got, err, want)
		}
	}
}

func TestAClientThatWaitsIsUnblocked(t *testing.T) {
	s := serve(t, harness.Options{})
	c, other := dial(t, s), dial(t, s)
	number := id(t, c)
	for _, how := range []struct {
		reason []string
		reply  string
	}{
		{nil, ":0\r\n"},
		{[]string{"TIMEOUT"}, ":0\r\n"},
		{[]string{"ERROR"}, "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n"},
	} {
		if err := c.Send("WAIT", "1", "0"); err != nil {
			t.Fatal(err)
		}
		blockedClients(t, other, 1)
		list, err := other.Do("CLIENT", "LIST", "ID", number)
		if err != nil || !strings.Contains(list, " flags=b ") {
			t.Errorf("CLIENT LIST: %q, %v", list, err)
		}
		want(t, other, ":1\r\n", append([]string{"CLIENT", "UNBLOCK", number}, how.reason...)...)
		if got, err := c.Reply(); err != nil || got != how.reply {
			t.Errorf("%v: the reply is %q, %v", how.reason, got, err)
		}
		want(t, c, "+PONG\r\n", "PING")
		want(t, other, ":0\r\n", "CLIENT", "UNBLOCK", number)
	}
	blockedClients(t, other, 0)
}

// A client that waits for ever goes when it is killed or goes itself.
func TestAClientThatWaitsCanGo(t *testing.T) {
	certs := certificates(t)
	s := serve(t, harness.Options{TLS: certs})
	other := dial(t, s)
	for _, network := range []string{"tcp", "tls"} {
		dialed := func() *harness.Conn {
			if network == "tls" {
				nc, err := tls.Dial("tcp", s.TLS, certs.Client)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = nc.Close() }) // often closed already
				return harness.NewConn(nc)
			}
			return dial(t, s)
		}
		leaving, killed := dialed(), dialed()
		number := id(t, killed)
		for _, c := range []*harness.Conn{leaving, killed} {
			if err := c.Send("WAIT", "1", "0"); err != nil {
				t.Fatal(err)
			}
		}
		blockedClients(t, other, 2)
		if err := leaving.Close(); err != nil {
			t.Fatal(err)
		}
		blockedClients(t, other, 1)
		want(t, other, ":1\r\n", "CLIENT", "KILL", "ID", number)
		blockedClients(t, other, 0)
		if rest, err := killed.Rest(); rest != "" {
			t.Errorf("%s: the killed client got %q, %v", network, rest, err)
		}
	}
}

func TestAStopDoesNotWaitForClientsThatWait(t *testing.T) {
	s := harness.Redistill(t, harness.Options{Set: []string{"server.shutdown_grace=60s"}})
	c, other := dial(t, s), dial(t, s)
	if err := c.Send("WAIT", "1", "0"); err != nil {
		t.Fatal(err)
	}
	blockedClients(t, other, 1)
	s.MustStop(t)
	if reply, err := c.Reply(); err != nil || reply != ":0\r\n" {
		t.Errorf("the reply is %q, %v", reply, err)
	}
	if rest, err := c.Rest(); err != nil || rest != "" {
		t.Errorf("then it got %q, %v", rest, err)
	}
}
