package integration

import (
	"strings"
	"testing"

	"github.com/redistill-go/redistill/integration/harness"
)

// A client that the server has decided to leave is gone for all others when it
// has been told, even if it doesn't close its side: nothing that is redirected
// to it is lost without a word.
func TestLeftClientsAreGoneAtOnce(t *testing.T) {
	s := harness.Redistill(t, harness.Options{Set: []string{"server.output_buffer_limit=64kb"}})
	tracker, writer := dial3(t, s), dial(t, s)
	want(t, writer, "+OK\r\n", "SET", "large", string(pattern(60_000)))
	for name, end := range map[string]struct{ request, reply string }{
		"QUIT":                {"QUIT\r\n", "+OK\r\n"},
		"QUIT, and more":      {"QUIT\r\nPING\r\n", "+OK\r\n"},
		"protocol error":      {"*x\r\n", "-ERR Protocol error: invalid multibulk length\r\n"},
		"web request":         {"POST / HTTP/1.1\r\n", ""},
		"kills itself":        {"CLIENT KILL ID %id SKIPME no\r\n", ":1\r\n"},
		"too large a reply":   {"MGET large large large\r\n", ""},
		"too large a message": {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := dial3(t, s)
			to := id(t, c)
			want(t, tracker, "+OK\r\n", "CLIENT", "TRACKING", "ON", "REDIRECT", to)
			want(t, tracker, "_\r\n", "GET", "k")
			if end.request == "" {
				overrun(t, c, writer)
			} else {
				if _, err := c.Write([]byte(strings.ReplaceAll(end.request, "%id", to))); err != nil {
					t.Fatal(err)
				}
				// It reads to the end of what is said to it, and stays.
				if rest, err := c.Rest(); err != nil || rest != end.reply {
					t.Fatalf("got %.200q, %v; want %q", rest, err, end.reply)
				}
			}
			if list, err := writer.Do("CLIENT", "LIST", "ID", to); err != nil || list != "$0\r\n\r\n" {
				t.Errorf("CLIENT LIST still shows it: %q, %v", list, err)
			}
			want(t, writer, ":0\r\n", "CLIENT", "KILL", "ID", to)
			want(t, writer, "+OK\r\n", "SET", "k", "v")
			told(t, tracker, redirBroken(to))
			want(t, writer, ":1\r\n", "DEL", "k")
			want(t, tracker, "+OK\r\n", "CLIENT", "TRACKING", "OFF")
		})
	}
}

// overrun makes the client be sent more than it may leave unread, until the
// server has closed the connection.
func overrun(t *testing.T, c, writer *harness.Conn) {
	t.Helper()
	want(t, c, "+OK\r\n", "CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "long:")
	before := info(t, writer, "client_output_buffer_limit_disconnections")
	key := "long:" + string(pattern(30_000))
	for info(t, writer, "client_output_buffer_limit_disconnections") == before {
		want(t, writer, "+OK\r\n", "SET", key, "v")
	}
}
