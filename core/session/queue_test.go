package session

import (
	"bytes"
	"strconv"
	"strings"
	"testing"
)

// What a transaction's commands point to is sent like any other large value.
func TestTransactionRepliesWithParts(t *testing.T) {
	s := newServer(t, setup{})
	c := s.connect()
	v, w := strings.Repeat("v", 100_000), strings.Repeat("w", 150_000)
	c.do("SET", "v", v)
	next := c.run(encodeAll([]string{"MULTI"}, []string{"GET", "v"}, []string{"SET", "v", w}, []string{"GET", "v"},
		[]string{"KEYS", "*"}, []string{"DEL", "v"}, []string{"EXEC"}))
	if _, plain := c.ws.Plain(); plain || next != Flush {
		t.Fatalf("large values were copied, or the batch goes on: %v", next)
	}
	var out bytes.Buffer
	if err := c.ws.Output(func(b []byte) error { _, err := out.Write(b); return err }); err != nil {
		t.Fatal(err)
	}
	c.Sent(c.ws)
	want := "*5\r\n" + bulk(v) + "+OK\r\n" + bulk(w) + "*1\r\n" + bulk("v") + ":1\r\n"
	if got := out.String(); !strings.HasSuffix(got, want) {
		t.Errorf("%d bytes, want %d at the end: %.100q", len(got), len(want), got)
	}
	c.leave()
	s.mustBeEmpty()
}

// A transaction whose reply is too long closes the connection, as any reply does.
func TestTransactionHeedsOutputLimit(t *testing.T) {
	s := newServer(t, setup{output: 1 << 20})
	c := s.connect()
	c.do("SET", "k", strings.Repeat("v", 50_000))
	c.do("MULTI")
	for range 100 {
		c.do("GET", "k")
	}
	c.do("SET", "after", "x")
	if out, closed := c.send(encode("EXEC")); !closed || out != "" {
		t.Errorf("closed %v with %d bytes of output", closed, len(out))
	}
	c.leave()
	c.End()
	d := s.connect()
	if got := d.do("GET", "after"); got != bulk("x") {
		t.Errorf("the transaction was not executed whole: %q", got)
	}
	d.leave()
	s.mustBeEmpty()
}

// A long transaction, of commands that are themselves long and short, is executed as
// a short one is, and what was queued is gone when its reply is sent.
func TestLongTransaction(t *testing.T) {
	s := newServer(t, setup{})
	c := s.connect()
	const n = 5000
	input := encode("MULTI")
	want := "+OK\r\n" + strings.Repeat("+QUEUED\r\n", 3*n/10+n) + "*" + strconv.Itoa(3*n/10+n) + "\r\n"
	for i := range n {
		input = append(input, encode("APPEND", "k", "x")...)
		want += ":" + strconv.Itoa(i+1) + "\r\n"
		if i%10 == 0 {
			input = append(input, encodeAll([]string{"SET", "long", strings.Repeat("v", 7*i)}, []string{"STRLEN", "long"},
				[]string{"ECHO", strings.Repeat("e", 400)})...)
			want += "+OK\r\n:" + strconv.Itoa(7*i) + "\r\n" + bulk(strings.Repeat("e", 400))
		}
	}
	got, _ := c.Feed(c.ws, append(input, encode("EXEC")...))
	if string(got) != want {
		t.Errorf("%d bytes of replies, want %d", len(got), len(want))
	}
	if queued, _, _, _ := c.Client.Held(); queued != 0 {
		t.Errorf("%d bytes are queued in the end", queued)
	}
	c.leave()
	s.mustBeEmpty()
}
