package main

import (
	"io"
	"net"
	"strings"
	"testing"
)

// echo answers each connection with a greeting and what it is sent.
func echo(t *testing.T, greeting string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() }) // only ever closed here
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }() // the test reads to the end
				if _, err := io.WriteString(c, greeting); err == nil {
					_, _ = io.Copy(c, c) // the test sees what is missing
				}
			}()
		}
	}()
	return l.Addr().String()
}

// exchange sends text and reads to the end.
func exchange(t *testing.T, addr, text string) string {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }() // read to its end
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(got)
}

func TestProxyKeepsTheTalkAndItsAddress(t *testing.T) {
	p, err := newProxy(echo(t, "one "))
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	if got := exchange(t, p.addr(), "PING\r\n"); got != "one PING\r\n" {
		t.Errorf("the first server answered %q", got)
	}
	said := p.takeTalk()
	for _, want := range []string{`1 > "PING\r\n"`, `1 < "one `} {
		if !strings.Contains(said, want) {
			t.Errorf("no %s in what was kept:\n%s", want, said)
		}
	}
	if said := p.takeTalk(); said != "" {
		t.Errorf("kept twice: %s", said)
	}
	p.forward(echo(t, "two "))
	if got := exchange(t, p.addr(), strings.Repeat("x", 5000)); got != "two "+strings.Repeat("x", 5000) {
		t.Errorf("the second server answered %d bytes", len(got))
	}
}

func TestQuoteIsShort(t *testing.T) {
	if got := quote([]byte("a\r\n")); got != `"a\r\n"` {
		t.Errorf("got %s", got)
	}
	if got := quote(make([]byte, 1<<20)); len(got) > 8*keptBytes || !strings.Contains(got, "1048576 bytes") {
		t.Errorf("%d bytes of quote: %.100s", len(got), got)
	}
}
