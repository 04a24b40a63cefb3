package integration

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/redistill-go/redistill/integration/harness"
)

// states are what a connection has sent when it ends: all that a client can
// leave a server in. Where the server waits for something else than the client it
// does not read, and hears of a TLS client's farewell only when the socket below
// is closed.
var states = []struct {
	name, says string
	waits      bool
}{
	{"nothing", "", false},
	{"an answered request", "PING\r\n", false},
	{"a pipeline of large replies", strings.Repeat("GET large\r\n", 64), false},
	{"a large argument", "*3\r\n$3\r\nSET\r\n$4\r\nhalf\r\n$200000\r\n" + strings.Repeat("h", 200_000) + "\r\n", true},
	{"an argument that is promised", "*3\r\n$3\r\nSET\r\n$4\r\nhalf\r\n$100000000\r\nh", false},
	{"a wait", "WAIT 1 0\r\n", true},
	{"a wait and more behind it", "WAIT 1 0\r\nGET large\r\nPING\r\n", true},
	{"a write that is paused", "SET paused 1\r\nPING\r\n", true},
	{"a transaction", "WATCH large\r\nMULTI\r\nGET large\r\nSET paused 1\r\n", true},
	{"tracking", "HELLO 3\r\nCLIENT TRACKING ON BCAST\r\nGET large\r\n", false},
	{"tracking of keys", "HELLO 3\r\nCLIENT TRACKING ON OPTIN\r\nCLIENT CACHING YES\r\nGET large\r\n", false},
	{"a monitor", "MONITOR\r\n", false},
	{"no replies", "CLIENT REPLY OFF\r\nGET large\r\n", false},
	{"a farewell", "GET large\r\nQUIT\r\nPING\r\n", false},
	{"an error of the protocol", "GET large\r\n*1\r\n$-2\r\n", false},
	{"a search", "KEYS *\r\nSCAN 0 COUNT 100000\r\n", false},
	{"a blocking snapshot", "SAVE\r\n", false},
}

// endings are what a client does then.
var endings = []struct {
	name string
	end  func(*harness.Conn) error
}{
	{"closes its half", (*harness.Conn).CloseWrite},
	{"closes its half and reads to the end", func(c *harness.Conn) error {
		if err := c.CloseWrite(); err != nil {
			return err
		}
		_, err := c.Rest()
		return err
	}},
	{"closes", func(c *harness.Conn) error { return c.Close() }},
	{"resets", func(c *harness.Conn) error {
		if tcp, ok := c.Conn.(*net.TCPConn); ok {
			if err := tcp.SetLinger(0); err != nil {
				return err
			}
		}
		return c.Close()
	}},
	{"stays", func(*harness.Conn) error { return nil }},
}

// However clients end, in whatever state and after whatever part of what they
// meant to send, the server keeps nothing of them: no descriptor, no goroutine,
// no place among its clients.
func TestNothingIsLeftOfClientsThatHalfClose(t *testing.T) {
	t.Parallel()
	certs := certificates(t)
	s := harness.Redistill(t, harness.Options{TLS: certs, Unix: true, Env: []string{"GOTRACEBACK=all"},
		Set: []string{"persistence.backend=file", "persistence.save_on_shutdown=false"}})
	control := dial(t, s)
	want(t, control, "+OK\r\n", "SET", "large", string(pattern(100_000)))
	want(t, control, "+OK\r\n", "CLIENT", "PAUSE", "1000000", "WRITE")
	eventually(t, "only this client", func() error { return onlyClient(t, control) })
	before := descriptors(t, s)
	seed := *seedFlag
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 2))
	for range 10 {
		var open []*harness.Conn
		for range 60 {
			state, ending := states[r.IntN(len(states))], endings[r.IntN(len(endings))]
			network := []string{"tcp", "unix", "tls"}[r.IntN(3)]
			c := connect(t, s, network, certs)
			open = append(open, c)
			says := state.says
			if r.IntN(2) == 0 {
				says = says[:r.IntN(len(says)+1)]
			}
			_, err := io.WriteString(c, says)
			if network == "tls" && state.waits {
				continue
			}
			if err == nil {
				err = ending.end(c)
			}
			// The server may have closed first, with input that it had not read.
			if err != nil && !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ENOTCONN) {
				t.Fatalf("%s: %s after %.40q, which %s: %v", network, state.name, says, ending.name, err)
			}
		}
		// Handshakes that are never finished.
		for _, part := range []string{"", "\x16\x03\x01", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"} {
			c, err := harness.Dial(t.Context(), "tcp", s.TLS)
			if err != nil {
				t.Fatal(err)
			}
			open = append(open, c)
			if _, err := io.WriteString(c, part); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range open {
			_ = c.Close() // often closed already
		}
	}
	eventually(t, "no client is left", func() error { return onlyClient(t, control) })
	eventually(t, "no descriptor is left", func() error {
		if now := descriptors(t, s); now > before {
			return fmt.Errorf("%d are open, %d were before", now, before)
		}
		return nil
	})
	if err := control.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the last descriptor is closed", func() error {
		if now := descriptors(t, s); now >= before {
			return fmt.Errorf("%d are open, %d were before", now, before)
		}
		return nil
	})
	stacks, err := s.Stacks()
	if err != nil {
		t.Fatal(err)
	}
	for stack := range strings.SplitSeq(stacks, "\n\n") {
		if strings.Contains(stack, "core/server.(*conn)") || strings.Contains(stack, "core/session.") {
			t.Errorf("a goroutine is left of a client:\n%s", stack)
		}
	}
}

func connect(t *testing.T, s *harness.Server, network string, certs *harness.Certificates) *harness.Conn {
	t.Helper()
	var (
		nc  net.Conn
		err error
	)
	switch network {
	case "unix":
		nc, err = net.Dial("unix", s.Unix)
	case "tls":
		nc, err = tls.Dial("tcp", s.TLS, certs.Client)
	default:
		nc, err = net.Dial("tcp", s.TCP)
	}
	if err != nil {
		t.Fatal(err)
	}
	return harness.NewConn(nc)
}

func onlyClient(t *testing.T, control *harness.Conn) error {
	t.Helper()
	if n := info(t, control, "connected_clients"); n != 1 {
		return fmt.Errorf("%d clients are connected", n)
	}
	return nil
}

// descriptors is how many files the server has open. Eventfds are not among them,
// since they are opened when they are first needed, and kept: one for each processor,
// one for those that accept, one for those that wake parked clients, and the one of
// Go's poller; more are an error.
func descriptors(t *testing.T, s *harness.Server) (n int) {
	t.Helper()
	dir := fmt.Sprintf("/proc/%d/fd", s.PID())
	open, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	events := 0
	for _, f := range open {
		switch target, err := os.Readlink(filepath.Join(dir, f.Name())); {
		case errors.Is(err, fs.ErrNotExist): // closed meanwhile
		case target == "anon_inode:[eventfd]":
			events++
		default:
			n++
		}
	}
	if most := runtime.GOMAXPROCS(0) + 3; events > most {
		t.Errorf("%d eventfds are open, and %d can be needed", events, most)
	}
	return n
}
