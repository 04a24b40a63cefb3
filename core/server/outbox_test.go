package server

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/redistill-go/redistill/core/command"
)

// client is the server's end of the connection with this ID.
func (f *fixture) client(id int64) *conn {
	f.t.Helper()
	var found *conn
	f.clients.conns(func(c *conn) {
		if c.session.Client.ID == id {
			found = c
		}
	})
	if found == nil {
		f.t.Fatalf("there is no client %d", id)
	}
	return found
}

// id asks for the connection's ID.
func (p *peer) id() (id int64) {
	p.t.Helper()
	p.send("CLIENT ID\r\n")
	if _, err := fmt.Fscanf(p.r, ":%d\r\n", &id); err != nil {
		p.t.Fatal(err)
	}
	return id
}

// resp3 switches to RESP3.
func (p *peer) resp3() {
	p.t.Helper()
	p.send("HELLO 3\r\n")
	p.until("$7\r\nmodules\r\n*0\r\n")
}

// until reads as far as the end of the given text, and returns what it read.
func (p *peer) until(end string) string {
	p.t.Helper()
	var b strings.Builder
	for !strings.HasSuffix(b.String(), end) {
		c, err := p.r.ReadByte()
		if err != nil {
			p.t.Fatalf("got %.300q, %v; want %q", b.String(), err, end)
		}
		b.WriteByte(c)
	}
	return b.String()
}

// A message reaches an idle client at once, one that is in the midst of a
// batch after its replies, and all of them whole and in order.
func TestPush(t *testing.T) {
	f := newFixture(t, Options{})
	p := f.dial(f.listen())
	c := f.client(p.id())
	c.Push([]byte("+one\r\n"))
	p.expect("+one\r\n")
	const n = 2000
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range n {
			c.Push(fmt.Appendf(nil, "+push %d\r\n", i))
		}
	})
	wg.Go(func() {
		for range n {
			p.send("PING\r\n")
		}
	})
	pongs, pushes := 0, 0
	for pongs < n || pushes < n {
		line := p.until("\r\n")
		switch line {
		case "+PONG\r\n":
			pongs++
		case fmt.Sprintf("+push %d\r\n", pushes):
			pushes++
		default:
			t.Fatalf("got %q after %d replies and %d messages", line, pongs, pushes)
		}
	}
	wg.Wait()
	f.until("nothing is queued", func() bool { return c.Buffers(false).Pushes == 0 })
}

// A reply comes before the message that its command has caused.
func TestReplyBeforePush(t *testing.T) {
	f := newFixture(t, Options{})
	p := f.dial(f.listen())
	p.resp3()
	p.do("CLIENT TRACKING ON", "+OK\r\n")
	for range 100 {
		p.send("GET k\r\nSET k v\r\nGET k\r\nDEL k\r\n")
		got := p.until(":1\r\n")
		got += p.until("$1\r\nk\r\n")
		got += p.until("$1\r\nk\r\n")
		const push = ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n"
		if want := "_\r\n+OK\r\n$1\r\nv\r\n:1\r\n" + push + push; got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}

// A client that doesn't read is closed when too much waits for it, and nobody
// has waited for it.
func TestPushLimit(t *testing.T) {
	f := newFixture(t, Options{})
	p := f.dial(f.listen())
	c := f.client(p.id())
	line := []byte("+" + strings.Repeat("x", 64<<10) + "\r\n")
	for !c.dead.Load() {
		c.Push(line)
	}
	f.until("it is gone", func() bool { return f.Clients().Count() == 0 })
	if n := f.stats.OutputLimitCloses.Load(); n != 1 {
		t.Errorf("%d closes are counted", n)
	}
	c.Push(line)
	if n := c.out.queued.Load(); n != 0 {
		t.Errorf("%d bytes are queued for nobody", n)
	}
	// It gets no more than what the system has buffered.
	if _, err := io.Copy(io.Discard, p.r); err == nil {
		t.Log("the connection ended without a reset")
	}
}

func TestKill(t *testing.T) {
	f := newFixture(t, Options{})
	l := f.listen()
	a, b := f.dial(l), f.dial(l)
	a.do("PING", "+PONG\r\n")
	id := b.id()
	b.send("PING\r\n*2\r\n$4\r\nECHO\r\n$5\r\nab") // half a request
	b.expect("+PONG\r\n")                          // read as well, see TestPause
	a.do(fmt.Sprintf("CLIENT KILL ID %d", id), ":1\r\n")
	a.do("CLIENT LIST TYPE pubsub", "$0\r\n\r\n")
	if n := f.Clients().Count(); n != 1 {
		t.Errorf("%d clients after one of two was killed", n)
	}
	b.ends()
	a.do("CLIENT KILL TYPE NORMAL MAXAGE 100000", ":0\r\n")
	a.do("CLIENT KILL ADDR "+a.LocalAddr().String()+" SKIPME no USER default", ":1\r\n")
	a.ends()
}

// Two clients that kill each other, and one that kills a client which waits
// for what it has locked, all end.
func TestKillEachOther(t *testing.T) {
	f := newFixture(t, Options{})
	l := f.listen()
	for range 50 {
		a, b := f.dial(l), f.dial(l)
		ida, idb := a.id(), b.id()
		a.send(fmt.Sprintf("MULTI\r\nSET k v\r\nCLIENT KILL ID %d\r\nEXEC\r\n", idb))
		b.send(fmt.Sprintf("MULTI\r\nSET k v\r\nCLIENT KILL ID %d\r\nEXEC\r\n", ida))
		f.until("one is gone", func() bool { return f.Clients().Count() < 2 })
		_ = a.Close()
		_ = b.Close()
		f.until("both are gone", func() bool { return f.Clients().Count() == 0 })
	}
}

func TestPause(t *testing.T) {
	f := newFixture(t, Options{})
	l := f.listen()
	a, b, c := f.dial(l), f.dial(l), f.dial(l)
	a.do("CLIENT PAUSE 1000000 WRITE", "+OK\r\n")
	id := c.id()
	// The reply to PING says that what comes with it has been read: to close a
	// socket with unread bytes resets the connection.
	c.do("PING\r\nSET k c", "+PONG\r\n")
	b.send("GET k\r\nSET k b\r\nGET k\r\n")
	b.expect("$-1\r\n")
	a.do("GET k", "$-1\r\n")
	// A transaction that writes waits as well, as does what it queues.
	d := f.dial(l)
	d.do("MULTI", "+OK\r\n")
	d.do("GET k", "+QUEUED\r\n")
	d.do("EXEC", "*1\r\n$-1\r\n")
	// One that is killed doesn't wait any more.
	a.do(fmt.Sprintf("CLIENT KILL ID %d", id), ":1\r\n")
	c.ends()
	a.do("CLIENT UNPAUSE", "+OK\r\n")
	b.expect("+OK\r\n$1\r\nb\r\n")
	// Everybody waits, until it is over by itself.
	a.do("CLIENT PAUSE 20 ALL", "+OK\r\n")
	b.do("PING", "+PONG\r\n")
}

// A server that ends doesn't wait for the end of a pause.
func TestDrainEndsAPause(t *testing.T) {
	f := newFixture(t, Options{})
	p := f.dial(f.listen())
	p.do("CLIENT PAUSE 1000000\r\nPING", "+OK\r\n")
	if err := f.drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.expect("+PONG\r\n")
	p.ends()
}

func TestMonitor(t *testing.T) {
	f := newFixture(t, Options{})
	l := f.listen()
	m, a := f.dial(l), f.dial(l)
	m.do("MONITOR", "+OK\r\n")
	a.do("SET k v", "+OK\r\n")
	a.send("*2\r\n$4\r\necho\r\n$10\r\n\"\\\n\r\t\a\b\v\x00\xff\r\n")
	a.until("\xff\r\n")
	a.do("AUTH secret", "-ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?\r\n")
	a.do("AUTH default secret", "+OK\r\n")
	a.send("HELLO 2 AUTH default secret SETNAME me\r\n")
	a.until("$7\r\nmodules\r\n*0\r\n")
	a.do("CONFIG RESETSTAT", "+OK\r\n") // an operator's commands are not shown
	a.do("NOSUCH", "-ERR unknown command 'NOSUCH', with args beginning with: \r\n")
	a.do("MULTI", "+OK\r\n")
	a.do("GET k", "+QUEUED\r\n")
	a.do("EXEC", "*1\r\n$1\r\nv\r\n")
	for _, want := range []string{
		`"SET" "k" "v"`, `"echo" "\"\\\n\r\t\a\b\x0b\x00\xff"`, `"AUTH" "(redacted)"`, `"AUTH" "(redacted)" "(redacted)"`,
		`"HELLO" "2" "AUTH" "(redacted)" "(redacted)" "SETNAME" "me"`, `"MULTI"`, `"GET" "k"`, `"EXEC"`,
	} {
		line := m.until("\r\n")
		if !regexp.MustCompile(`^\+\d{10}\.\d{6} \[0 127\.0\.0\.1:\d+\] `).MatchString(line) || !strings.HasSuffix(line, "] "+want+"\r\n") {
			t.Errorf("got %q, want %q", line, want)
		}
	}
	m.do("GET k", "-ERR Replica can't interact with the keyspace\r\n")
	m.send("PING\r\n")
	m.expect("+PONG\r\n")
	m.until("\"PING\"\r\n")
	if !f.shared.Env.Monitors.Any() {
		t.Error("there is no monitor")
	}
	m.send("RESET\r\n")
	m.until("+RESET\r\n")
	m.do("GET k", "$1\r\nv\r\n")
	if f.shared.Env.Monitors.Any() {
		t.Error("there is a monitor after RESET")
	}
	m.do("MONITOR", "+OK\r\n")
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	f.until("it is no monitor any more", func() bool { return !f.shared.Env.Monitors.Any() })
}

func TestReplyMode(t *testing.T) {
	f := newFixture(t, Options{})
	p := f.dial(f.listen())
	p.do("CLIENT REPLY SKIP\r\nPING\r\nECHO a", "$1\r\na\r\n")
	p.do("CLIENT REPLY SKIP\r\nCLIENT REPLY SKIP\r\nPING\r\nECHO b", "$1\r\nb\r\n")
	p.do("CLIENT REPLY OFF\r\nPING\r\nNOSUCH\r\nCLIENT REPLY FOO\r\nCLIENT REPLY SKIP\r\nCLIENT REPLY ON", "+OK\r\n")
	p.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100000\r\n" + strings.Repeat("v", 100_000) + "\r\n")
	p.expect("+OK\r\n")
	p.do("CLIENT REPLY OFF\r\nGET k\r\nMULTI\r\nGET k\r\nEXEC\r\nCLIENT REPLY ON", "+OK\r\n")
	p.do("FLUSHALL", "+OK\r\n")
	f.until("nothing points at the value", func() bool { return f.store.Memory().Allocated == 0 })
	p.do("CLIENT REPLY OFF\r\nRESET", "+RESET\r\n")
}

// What CLIENT LIST says of the client's buffers is what they hold.
func TestClientListBuffers(t *testing.T) {
	f := newFixture(t, Options{})
	l := f.listen()
	a, b := f.dial(l), f.dial(l)
	id := b.id()
	b.send("*2\r\n$4\r\nECHO\r\n$5\r\nab")
	line := func() string {
		a.send(fmt.Sprintf("CLIENT LIST ID %d\r\n", id))
		return a.until("\n\r\n")
	}
	half := regexp.MustCompile(` qbuf=20 qbuf-free=\d{1,4} `)
	f.until("half a request waits", func() bool { return half.MatchString(line()) })
	b.do("cde", "$5\r\nabcde\r\n")
	f.until("nothing waits", func() bool {
		return strings.Contains(line(), fmt.Sprintf(" qbuf=0 qbuf-free=0 argv-mem=0 obl=0 oll=0 omem=0 tot-mem=%d events=r ", command.IdleClient))
	})
	a.send("CLIENT INFO\r\n")
	if got := a.until("\n\r\n"); !strings.Contains(got, " qbuf=13 qbuf-free=65523 ") || !strings.Contains(got, " fd=") {
		t.Errorf("of itself: %q", got)
	}
	b.send("CLIENT NO-EVICT ON\r\nCLIENT NO-TOUCH ON\r\nCLIENT TRACKING ON BCAST\r\nMULTI\r\n")
	b.expect("+OK\r\n+OK\r\n+OK\r\n+OK\r\n")
	if got := line(); !strings.Contains(got, " flags=xtBeT ") || !strings.Contains(got, " multi=0 ") || !strings.Contains(got, " redir=0 ") {
		t.Errorf("of the other: %q", got)
	}
	f.Clients().Each(func(c *command.Client) {
		if f.Clients().Find(c.ID) != c {
			t.Errorf("client %d isn't found", c.ID)
		}
	})
	if f.Clients().Find(1000) != nil {
		t.Error("a client is found that isn't there")
	}
}
