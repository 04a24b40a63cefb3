package integration

import (
	"fmt"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/integration/harness"
)

// These tests hold for redis-server as well, except where they say otherwise:
// run them with -against redis-server.

// invalidate is the message that these keys have changed.
func invalidate(keys ...string) string {
	return ">2\r\n$10\r\ninvalidate\r\n" + array(keys...)
}

func array(items ...string) string {
	s := fmt.Sprintf("*%d\r\n", len(items))
	for _, i := range items {
		s += bulk(i)
	}
	return s
}

const invalidateAll = ">2\r\n$10\r\ninvalidate\r\n_\r\n"

// told expects a message that nothing was sent for.
func told(t *testing.T, c *harness.Conn, message string) {
	t.Helper()
	if got, err := c.Reply(); err != nil || got != message {
		t.Fatalf("was told %q, %v; want %q", got, err, message)
	}
}

// notTold checks that nothing has come: the reply to a PING is next.
func notTold(t *testing.T, c *harness.Conn) {
	t.Helper()
	want(t, c, "+PONG\r\n", "PING")
}

// redirBroken is the message that the client which messages go to is gone.
func redirBroken(to string) string {
	return ">2\r\n" + bulk("tracking-redir-broken") + ":" + to + "\r\n"
}

func dial3(t *testing.T, s *harness.Server) *harness.Conn {
	t.Helper()
	c := dial(t, s)
	hello3(t, c)
	return c
}

func hello3(t *testing.T, c *harness.Conn) {
	t.Helper()
	if got, err := c.Do("HELLO", "3"); err != nil || !strings.HasPrefix(got, "%") {
		t.Fatalf("HELLO 3: %q, %v", got, err)
	}
}

// id is the connection's ID, for REDIRECT.
func id(t *testing.T, c *harness.Conn) string {
	t.Helper()
	got, err := c.Do("CLIENT", "ID")
	if err != nil || !strings.HasPrefix(got, ":") {
		t.Fatalf("CLIENT ID: %q, %v", got, err)
	}
	return strings.TrimSpace(got[1:])
}

func TestTracking(t *testing.T) {
	s := serve(t, harness.Options{})
	reader, writer := dial3(t, s), dial(t, s)
	want(t, reader, "+OK\r\n", "CLIENT", "TRACKING", "ON")
	read := func(key, reply string) { t.Helper(); want(t, reader, reply, "GET", key) }
	write := func(reply string, args ...string) { t.Helper(); want(t, writer, reply, args...) }

	t.Run("once for each read", func(t *testing.T) {
		read("a", "_\r\n")
		read("a", "_\r\n")
		write("+OK\r\n", "SET", "a", "1")
		told(t, reader, invalidate("a"))
		write("+OK\r\n", "SET", "a", "2")
		notTold(t, reader)
		read("a", bulk("2"))
		write("+OK\r\n", "SET", "b", "1")
		notTold(t, reader)
		write(":1\r\n", "DEL", "a")
		told(t, reader, invalidate("a"))
	})
	t.Run("several keys", func(t *testing.T) {
		want(t, reader, "*3\r\n_\r\n$1\r\n1\r\n_\r\n", "MGET", "a", "b", "c")
		for _, key := range []string{"c", "a", "b"} {
			write("+OK\r\n", "SET", key, "x")
			told(t, reader, invalidate(key))
		}
		want(t, reader, ":3\r\n", "EXISTS", "a", "b", "c")
		write(":1\r\n", "EXPIRE", "a", "1000")
		told(t, reader, invalidate("a"))
		write(":2\r\n", "APPEND", "b", "y")
		told(t, reader, invalidate("b"))
		write("+OK\r\n", "RENAME", "c", "d")
		told(t, reader, invalidate("c"))
	})
	t.Run("its own writes", func(t *testing.T) {
		read("n", "_\r\n")
		want(t, reader, ":1\r\n", "INCR", "n")
		told(t, reader, invalidate("n"))
		want(t, reader, "+OK\r\n", "CLIENT", "TRACKING", "ON", "NOLOOP")
		read("n", bulk("1"))
		want(t, reader, ":2\r\n", "INCR", "n")
		notTold(t, reader)
		read("n", bulk("2"))
		write(":3\r\n", "INCR", "n")
		told(t, reader, invalidate("n"))
		want(t, reader, "+OK\r\n", "CLIENT", "TRACKING", "ON")
	})
	t.Run("expiry", func(t *testing.T) {
		// Until it is read before it expires. One that is read too late is
		// tracked too, and the next SET is told.
		for got := ""; got != bulk("1"); {
			write("+OK\r\n", "SET", "short", "1", "PX", "100")
			if got != "" {
				told(t, reader, invalidate("short"))
			}
			var err error
			if got, err = reader.Do("GET", "short"); err != nil {
				t.Fatal(err)
			}
		}
		told(t, reader, invalidate("short")) // nobody asks for it
	})
	t.Run("flush", func(t *testing.T) {
		read("a", bulk("x"))
		write("+OK\r\n", "FLUSHALL")
		told(t, reader, invalidateAll)
		write("+OK\r\n", "SET", "a", "1")
		notTold(t, reader)
		want(t, reader, "+OK\r\n", "FLUSHDB")
		told(t, reader, invalidateAll)
	})
	t.Run("transaction", func(t *testing.T) {
		want(t, reader, "+OK\r\n", "MULTI")
		want(t, reader, "+QUEUED\r\n", "GET", "a")
		want(t, reader, "+QUEUED\r\n", "GET", "b")
		want(t, reader, "*2\r\n_\r\n_\r\n", "EXEC")
		write("+OK\r\n", "MULTI")
		write("+QUEUED\r\n", "SET", "a", "1")
		write("+QUEUED\r\n", "SET", "b", "1")
		write("*2\r\n+OK\r\n+OK\r\n", "EXEC")
		told(t, reader, invalidate("a"))
		told(t, reader, invalidate("b"))
	})
	t.Run("off", func(t *testing.T) {
		read("a", bulk("1"))
		want(t, reader, "+OK\r\n", "CLIENT", "TRACKING", "OFF")
		write("+OK\r\n", "SET", "a", "2")
		notTold(t, reader)
	})
}

func TestTrackingOptInAndOut(t *testing.T) {
	s := serve(t, harness.Options{})
	reader, writer := dial3(t, s), dial(t, s)
	changed := func(yes bool) {
		t.Helper()
		want(t, writer, "+OK\r\n", "SET", "k", "v")
		if yes {
			told(t, reader, invalidate("k"))
		}
		notTold(t, reader)
	}
	want(t, writer, "+OK\r\n", "SET", "k", "v")
	want(t, reader, "+OK\r\n", "CLIENT", "TRACKING", "ON", "OPTIN")
	want(t, reader, bulk("v"), "GET", "k")
	changed(false)
	want(t, reader, "+OK\r\n", "CLIENT", "CACHING", "YES")
	want(t, reader, bulk("v"), "GET", "k")
	changed(true)
	want(t, reader, bulk("v"), "GET", "k")
	changed(false)
	want(t, reader, "+OK\r\n", "CLIENT", "CACHING", "YES")
	want(t, reader, "+OK\r\n", "MULTI")
	want(t, reader, "+QUEUED\r\n", "PTTL", "k")
	want(t, reader, "+QUEUED\r\n", "GET", "k")
	want(t, reader, "*2\r\n:-1\r\n"+bulk("v"), "EXEC")
	changed(true)
	want(t, reader, "+OK\r\n", "CLIENT", "TRACKING", "OFF")
	want(t, reader, "+OK\r\n", "CLIENT", "TRACKING", "ON", "OPTOUT")
	want(t, reader, bulk("v"), "GET", "k")
	changed(true)
	want(t, reader, "+OK\r\n", "CLIENT", "CACHING", "NO")
	want(t, reader, bulk("v"), "GET", "k")
	changed(false)
	want(t, reader, bulk("v"), "GET", "k")
	changed(true)
}

func TestTrackingBroadcast(t *testing.T) {
	s := serve(t, harness.Options{})
	all, some, writer := dial3(t, s), dial3(t, s), dial(t, s)
	want(t, all, "+OK\r\n", "CLIENT", "TRACKING", "ON", "BCAST")
	want(t, some, "+OK\r\n", "CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "user:", "PREFIX", "item:", "NOLOOP")
	for _, key := range []string{"user:1", "other", "item:", "user:1"} {
		want(t, writer, "+OK\r\n", "SET", key, "v")
		told(t, all, invalidate(key))
		if key != "other" {
			told(t, some, invalidate(key))
		}
	}
	want(t, some, "+OK\r\n", "SET", "user:2", "v")
	told(t, all, invalidate("user:2"))
	notTold(t, some)
	want(t, writer, "+OK\r\n", "FLUSHALL")
	told(t, all, invalidateAll)
	told(t, some, invalidateAll)
	if err := all.Close(); err != nil {
		t.Fatal(err)
	}
	want(t, writer, "+OK\r\n", "SET", "user:1", "v", "PX", "20")
	told(t, some, invalidate("user:1"))
	told(t, some, invalidate("user:1")) // it expires
}

func TestTrackingRedirect(t *testing.T) {
	s := serve(t, harness.Options{})
	reader, listener, writer := dial(t, s), dial(t, s), dial(t, s)
	const channel = "__redis__:invalidate"
	to := id(t, listener)
	want(t, reader, "+OK\r\n", "CLIENT", "TRACKING", "ON", "REDIRECT", to)
	change := func() {
		t.Helper()
		if _, err := reader.Do("GET", "k"); err != nil {
			t.Fatal(err)
		}
		want(t, writer, "+OK\r\n", "SET", "k", "v")
	}
	change()
	notTold(t, listener) // it has not subscribed
	want(t, listener, "*3\r\n"+bulk("subscribe")+bulk(channel)+":1\r\n", "SUBSCRIBE", channel)
	change()
	told(t, listener, "*3\r\n"+bulk("message")+bulk(channel)+array("k"))
	want(t, writer, "+OK\r\n", "FLUSHALL")
	told(t, listener, "*3\r\n"+bulk("message")+bulk(channel)+"$-1\r\n")
	want(t, listener, "*3\r\n"+bulk("unsubscribe")+bulk(channel)+":0\r\n", "UNSUBSCRIBE")
	change()
	notTold(t, listener)
	hello3(t, listener)
	change()
	told(t, listener, invalidate("k"))
	hello3(t, reader)
	want(t, writer, "+OK\r\n", "FLUSHALL")
	told(t, listener, invalidateAll)
	want(t, listener, "+OK\r\n", "QUIT")
	if rest, err := listener.Rest(); err != nil || rest != "" {
		t.Fatalf("after QUIT: %q, %v", rest, err)
	}
	// By now it is gone.
	want(t, reader, "_\r\n", "GET", "k")
	want(t, writer, "+OK\r\n", "SET", "k", "v")
	told(t, reader, redirBroken(to))
	got, err := reader.Do("CLIENT", "TRACKINGINFO")
	if err != nil || !strings.Contains(got, "broken_redirect") {
		t.Fatalf("CLIENT TRACKINGINFO: %q, %v", got, err)
	}
}
