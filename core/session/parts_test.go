package session

import (
	"strings"
	"testing"
)

// replyTo runs one request and returns its reply as it would be sent after
// meanwhile has run.
func (c *client) replyTo(meanwhile func(), args ...string) string {
	c.server.t.Helper()
	if next := c.run(encode(args...)); next != Flush {
		c.server.t.Fatalf("%s: %v, want Flush: a large value is to be sent at once", args[0], next)
	}
	if _, plain := c.ws.Plain(); plain {
		c.server.t.Fatalf("%s: the reply holds a copy of the value", args[0])
	}
	meanwhile()
	var out []byte
	pending := c.ws.Pending()
	if err := c.ws.Output(func(b []byte) error { out = append(out, b...); return nil }); err != nil {
		c.server.t.Fatal(err)
	}
	if len(out) != pending {
		c.server.t.Errorf("%s: %d bytes, %d were pending", args[0], len(out), pending)
	}
	c.Sent(c.ws)
	if next := c.Run(c.ws); next != Read || c.ws.Pending() != 0 || !c.ws.Idle() {
		c.server.t.Errorf("%s: after the reply: %v, %d bytes pending", args[0], next, c.ws.Pending())
	}
	return string(out)
}

// A reply that points at a value is what the value was, whatever happens to
// the key before it is sent.
func TestRepliesThatPointAtValues(t *testing.T) {
	s := newServer(t, setup{})
	value, other := strings.Repeat("v", 100_000), strings.Repeat("o", 100_000)
	for _, request := range [][]string{
		{"GET", "k"}, {"GETEX", "k", "EX", "5"}, {"GETEX", "k", "PERSIST"}, {"GETRANGE", "k", "0", "-1"},
		{"GETDEL", "k"}, {"GETSET", "k", "new"}, {"GETSET", "k", other}, {"SET", "k", other, "GET"}, {"MGET", "k"},
	} {
		for _, meanwhile := range [][]string{
			{"PING"}, {"SET", "k", other}, {"SET", "k", "short"}, {"DEL", "k"}, {"FLUSHALL"}, {"APPEND", "k", "x"}, {"SETRANGE", "k", "10", "xyz"},
			{"EXPIRE", "k", "10"}, {"PERSIST", "k"}, {"EXPIRE", "k", "-1"}, {"MSET", "k", other, "j", other}, {"GETDEL", "k"},
		} {
			a, b := s.connect(), s.connect()
			b.do("SET", "k", value)
			got := a.replyTo(func() {
				b.do(meanwhile...)
				// Blocks that were freed are filled with something else.
				for _, k := range []string{"f1", "f2", "f3"} {
					b.do("SET", k, strings.Repeat("f", 100_000))
				}
			}, request...)
			if got = strings.TrimPrefix(got, "*1\r\n"); got != bulk(value) {
				t.Errorf("%s, meanwhile %s: the reply has %d bytes, %.30q", request[0], meanwhile[0], len(got), got)
			}
			a.leave()
			b.leave()
			s.store.Whole().Flush()()
			if left := s.store.Memory().Allocated; left != 0 {
				t.Fatalf("%s, meanwhile %s: %d bytes are left", request[0], meanwhile[0], left)
			}
		}
	}
	s.mustBeEmpty()
}

// A reply that is never sent holds on to nothing.
func TestRepliesThatAreNotSent(t *testing.T) {
	s := newServer(t, setup{})
	value := strings.Repeat("v", 100_000)
	a, b := s.connect(), s.connect()
	b.do("MSET", "k", value, "j", value)
	if next := a.run(encode("MGET", "k", "j", "k")); next != Flush || a.ws.Pending()-a.ws.out.Copied() != 300_000 {
		t.Fatalf("%v, %d bytes pointed at", next, a.ws.Pending()-a.ws.out.Copied())
	}
	b.do("DEL", "k", "j")
	used := s.store.Memory().Used
	a.leave()
	b.leave()
	if now := s.store.Memory().Used; now > used-200_000 {
		t.Errorf("%d bytes are used while replies point at values, and %d afterwards", used, now)
	}
	s.mustBeEmpty()
}

// Several large values in one reply, and one reply after the other.
func TestManyLargeReplies(t *testing.T) {
	s := newServer(t, setup{})
	c := s.connect()
	x, y := strings.Repeat("x", 70_000), strings.Repeat("y", 150_000)
	c.do("MSET", "x", x, "y", y, "z", "small")
	input := encodeAll([]string{"MGET", "x", "z", "y", "none", "x"}, []string{"GET", "y"}, []string{"PING"}, []string{"GETRANGE", "y", "5", "-6"}, []string{"GET", "z"})
	want := "*5\r\n" + bulk(x) + bulk("small") + bulk(y) + "$-1\r\n" + bulk(x) + bulk(y) + "+PONG\r\n" + bulk(y[10:]) + bulk("small")
	for range 3 {
		if got, _ := c.send(input); got != want {
			t.Errorf("%d bytes, want %d", len(got), len(want))
		}
	}
	c.leave()
	s.mustBeEmpty()
}
