package server

import (
	"bytes"
	"crypto/sha256"
	"io"
	"net"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/lane"
	"github.com/redistill-go/redistill/core/session"
)

// closeWrite closes the client's side.
type halfCloser interface{ CloseWrite() error }

func (p *peer) closeWrite() {
	p.t.Helper()
	if err := p.Conn.(halfCloser).CloseWrite(); err != nil {
		p.t.Fatal(err)
	}
}

// A client that closes its side behind its last request gets the reply, and
// then the end.
func TestHalfClose(t *testing.T) {
	f := newFixture(t, Options{})
	l := f.listen()
	for i := range 200 {
		p := f.dial(l)
		if i%2 == 0 {
			p.do("PING", "+PONG\r\n")
		}
		p.send("ECHO abc\r\nPING\r\n")
		if i%3 == 0 {
			p.expect("$3\r\nabc\r\n+PONG\r\n") // the server waits for more by now
			p.closeWrite()
		} else {
			p.closeWrite()
			p.expect("$3\r\nabc\r\n+PONG\r\n")
		}
		p.ends()
	}
	f.until("all are gone", func() bool { return f.Clients().Count() == 0 })
}

// A client may close its side with much still to be read on both sides.
func TestHalfCloseWithMuchToSay(t *testing.T) {
	f := newFixture(t, Options{})
	p := f.dial(f.listen())
	value := strings.Repeat("v", 30_000)
	go func() {
		// What can go wrong here shows in what the server answers.
		_, _ = io.WriteString(p, strings.Repeat("ECHO "+value+"\r\n", 200))
		_ = p.Conn.(*net.TCPConn).CloseWrite()
	}()
	p.expect(strings.Repeat("$30000\r\n"+value+"\r\n", 200))
	p.ends()
}

// Descriptors are used again at once: a connection that ends late must not
// take the watch from the one that has its number now.
func TestHangupsOfReusedDescriptor(t *testing.T) {
	h, err := newHangups(lane.New(1, func() time.Duration { return 0 }).NewBreath())
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	pair := func() (fds [2]int) {
		fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		if err != nil {
			t.Fatal(err)
		}
		return fds
	}
	newConn := func() *conn {
		a, b := net.Pipe()
		t.Cleanup(func() { _, _ = a.Close(), b.Close() })
		server := &Server{shared: &session.Shared{Env: &command.Env{}}}
		return &conn{server: server, nc: a, session: &session.Session{}}
	}
	first, second := pair(), pair()
	early, late := newConn(), newConn()
	if !h.add(first[0], early) {
		t.Fatal("add")
	}
	// The first is closed and the second gets its number.
	if err := unix.Dup2(second[0], first[0]); err != nil {
		t.Fatal(err)
	}
	if !h.add(first[0], late) {
		t.Fatal("add once more")
	}
	h.remove(first[0], early)
	for _, fd := range []int{first[1], second[1]} {
		if err := unix.Close(fd); err != nil {
			t.Fatal(err)
		}
	}
	for end := time.Now().Add(patience); !late.hup.Load(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatal("it never hears that the client has closed its side")
		}
	}
	h.remove(first[0], late)
	if h.conns[first[0]] != nil || early.hup.Load() {
		t.Errorf("a connection is left: %v, the first was told: %v", h.conns[first[0]] != nil, early.hup.Load())
	}
	for _, fd := range []int{first[0], second[0]} {
		if err := unix.Close(fd); err != nil {
			t.Fatal(err)
		}
	}
}

// A server that hangs up does so without losing its last reply, even when the
// client has sent more than was read.
func TestLastReplyArrives(t *testing.T) {
	f := newFixture(t, Options{})
	l := f.listen()
	for _, end := range []struct{ request, reply string }{
		{"QUIT", "+OK\r\n"},
		{"*x", "-ERR Protocol error: invalid multibulk length\r\n"},
	} {
		for range 20 {
			p := f.dial(l)
			p.send(end.request + "\r\n" + strings.Repeat("PING\r\n", 50_000))
			p.expect(end.reply)
			p.ends()
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A client that reads nothing is not read from, and costs no memory beyond a
// buffer or two.
func TestSlowReader(t *testing.T) {
	f := newFixture(t, Options{})
	l := f.listen()
	p, other := f.dial(l), f.dial(l)
	other.do("SET k "+strings.Repeat("v", 60_000), "+OK\r\n")
	reply := "$60000\r\n" + strings.Repeat("v", 60_000) + "\r\n"
	const n = 20_000 // 1.2 GB of replies
	c := f.client(p.id())
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		_, _ = io.WriteString(p, strings.Repeat("GET k\r\n", n))
	}()
	f.until("the server can't send", func() bool { return c.unread.Load() > 0 })
	// It has stopped when another client is served many times meanwhile.
	before, same := int64(-1), 0
	f.until("it stops", func() bool {
		other.do("SETRANGE none 0 \"\"", ":0\r\n")
		if now := f.stats.NetOutput.Load() / 50_000; now != before {
			before, same = now, 0
		}
		same++
		return same > 200
	})
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if m.HeapInuse > 64<<20 {
		t.Errorf("the heap has %d bytes", m.HeapInuse)
	}
	if got := f.stats.NetOutput.Load(); got > 64<<20 {
		t.Errorf("%d bytes were sent to a client that reads nothing", got)
	}
	// Once it reads, all is there.
	for range 100 {
		p.expect(reply)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	<-sent
}

// Large values go in and out whole, through pauses and partial writes.
func TestLargeValues(t *testing.T) {
	f := newFixture(t, Options{})
	l := f.listen()
	value := bytes.Repeat([]byte("0123456789abcde\n"), 1<<20) // 16 MiB
	p := f.dial(l)
	want := sha256.Sum256(value)
	for range 3 {
		go func() {
			_, _ = io.WriteString(p, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$16777216\r\n"+string(value)+"\r\nGET k\r\nSET k x\r\nMGET k none\r\n")
		}()
		p.expect("+OK\r\n$16777216\r\n")
		h := sha256.New()
		if _, err := io.CopyN(h, p.r, int64(len(value))); err != nil {
			t.Fatal(err)
		}
		if [32]byte(h.Sum(nil)) != want {
			t.Fatal("the value is not what was sent")
		}
		p.expect("\r\n+OK\r\n*2\r\n$1\r\nx\r\n$-1\r\n")
	}
	p.do("FLUSHALL", "+OK\r\n")
	if n := f.store.Memory().Allocated; n != 0 {
		t.Errorf("%d bytes are left", n)
	}
}

// scripted is a socket that becomes readable when the test says so: the
// connection's goroutine is the test's, which may look at the connection.
type scripted struct {
	syscall.RawConn
	fd    int
	steps []func(done bool)
}

func (s *scripted) Read(f func(uintptr) bool) error {
	for _, step := range s.steps {
		step(f(uintptr(s.fd)))
	}
	return nil
}

// While there is nothing to do, a connection holds no workspace.
func TestIdleConnectionHoldsNoWorkspace(t *testing.T) {
	f := newFixture(t, Options{})
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = unix.Close(fds[0]), unix.Close(fds[1]) }()
	a, b := net.Pipe()
	defer func() { _, _ = a.Close(), b.Close() }()
	c := newConn(f.Server, a, "transport.test")
	c.resting = false // it is not parked
	defer f.Server.hangups().remove(fds[0], c)
	send := func(s string) {
		if _, err := unix.Write(fds[1], []byte(s)); err != nil {
			t.Fatal(err)
		}
	}
	check := func(what string, done, wantDone, holds bool, reply string) {
		t.Helper()
		got := make([]byte, 1000)
		n, _ := unix.Read(fds[1], got)
		arrived, held := c.session.Resting()
		if done != wantDone || (arrived > 0) != holds || !done && c.ws != nil || string(got[:max(n, 0)]) != reply {
			t.Errorf("%s: done %v, %d bytes of a request, holds a workspace: %v, replies %q; want %v, %v, %q", what, done, arrived, c.ws != nil, got[:max(n, 0)], wantDone, holds, reply)
		}
		if most := max(arrived, strings.Count(what, "argument")*100_000) + 1<<10; held > most {
			t.Errorf("%s: %d bytes are held for %d that have arrived", what, held, arrived)
		}
	}
	c.raw = &scripted{fd: fds[0], steps: []func(bool){
		func(done bool) { check("nothing yet", done, false, false, ""); send("PING\r\n") },
		func(done bool) { check("one request", done, false, false, "+PONG\r\n"); send("PING\r\nPI") },
		func(done bool) { check("half a request more", done, false, true, "+PONG\r\n"); send("NG\r\n") },
		func(done bool) {
			check("the other half", done, false, false, "+PONG\r\n")
			send("*2\r\n$4\r\nECHO\r\n$100000\r\nabc")
		},
		func(done bool) { check("a large argument", done, false, true, ""); send(strings.Repeat("x", 99_997)) },
		func(done bool) {
			check("an argument but for its end", done, false, true, "")
			send("\r\n*1\r\n$4\r\nQU")
		},
		func(done bool) {
			if arrived, _ := c.session.Resting(); arrived == 0 || done {
				t.Error("half a request is forgotten")
			}
			for n := 0; n < len("$100000\r\n\r\n")+100_000; {
				k, err := unix.Read(fds[1], make([]byte, 1<<20))
				if err != nil {
					t.Fatal(err)
				}
				n += k
			}
			send("IT\r\n")
		},
		func(done bool) { check("QUIT", done, true, false, "+OK\r\n") },
	}}
	if err := c.serveSocket(); err != nil {
		t.Fatal(err)
	}
	c.session.Abandon(c.ws)
	c.release()
}
