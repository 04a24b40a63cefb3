package hostile

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/redistill-go/redistill/integration/churn"
	"github.com/redistill-go/redistill/integration/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

func TestSkipReadsOneReply(t *testing.T) {
	for _, reply := range []string{
		"+OK\r\n", ":-3\r\n", "$0\r\n\r\n", "$-1\r\n", "*-1\r\n", "*0\r\n", "_\r\n", "$5\r\na\r\nb\x00\r\n",
		"*2\r\n*2\r\n:1\r\n+x\r\n$1\r\na\r\n", "%2\r\n+a\r\n:1\r\n+b\r\n*0\r\n", "|1\r\n+a\r\n:1\r\n+OK\r\n", "~1\r\n+a\r\n",
	} {
		var a attackers
		r := bufio.NewReader(strings.NewReader(reply + "+next\r\n"))
		if err := a.skip(r); err != nil {
			t.Errorf("%q: %v", reply, err)
		}
		if rest, err := io.ReadAll(r); string(rest) != "+next\r\n" {
			t.Errorf("%q: %q is left, %v", reply, rest, err)
		}
	}
	for _, bad := range []string{"", "\r\n", "x\r\n", "$x\r\n", "$5\r\na", "*1\r\n"} {
		var a attackers
		if err := a.skip(bufio.NewReader(strings.NewReader(bad))); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}

// sink is a server that serves every connection in a goroutine of its own.
func sink(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c)
		}
	}()
	return l.Addr().String()
}

// Clients that don't read stay until they leave, whatever the server does.
func TestMuteClientsStay(t *testing.T) {
	heard, gone := make(chan string, 3), make(chan struct{}, 3)
	addr := sink(t, func(c net.Conn) {
		b := make([]byte, 2)
		_, _ = io.ReadFull(c, b)
		heard <- string(b)
		_, _ = io.Copy(io.Discard, c)
		gone <- struct{}{}
	})
	a := attackers{addr: addr}
	if err := a.send(t.Context(), Crowd{Clients: 3, Says: []byte("*1")}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if said := <-heard; said != "*1" {
			t.Errorf("a client said %q", said)
		}
	}
	select {
	case <-gone:
		t.Error("a client has left")
	default:
	}
	a.leave()
	for range 3 {
		<-gone
	}
}

// A server that closes, or reads no more, fails no attack.
func TestAttackersEndureWhatAServerDoes(t *testing.T) {
	closing := sink(t, func(c net.Conn) { _ = c.Close() })
	deaf := sink(t, func(net.Conn) {})
	for _, addr := range []string{closing, deaf} {
		a := attackers{addr: addr}
		if err := a.send(t.Context(), Crowd{Clients: 2, Says: make([]byte, 64<<20)}); err != nil {
			t.Errorf("mute: %v", err)
		}
		a.leave()
	}
	a := attackers{addr: closing}
	defer a.leave()
	if err := a.send(t.Context(), Crowd{Clients: 2, Says: []byte("PING\r\n"), Replies: 1}); err != nil {
		t.Errorf("readers: %v", err)
	}
}

// Both servers take what the requests say, and the run sees what it does.
func TestRunSeesWhatAnAttackDoes(t *testing.T) {
	sc := Scenario{
		Name: "a", Limit: 256 << 20, Password: "p", Keys: 1000, Value: 100,
		Prepare: []Crowd{Hash("h", 1500, 10)},
		Attack: []Crowd{
			{Clients: 2, Replies: 2, Says: Join(Restore("bomb", 1<<20), Command("STRLEN", "bomb"))},
			{Clients: 1, Replies: 3, Rounds: 2, Says: Join(Command("GETRANGE", "bomb", "-2", "-1"), Keys("DEL", 10), Command("NO SUCH"))},
			{Clients: 5, Strangers: true, Says: Half(100)},
			{Clients: 1, Replies: 4, Says: Join(Gets(2), Overwrites(1, 10, 100), NewFields("new", 3))},
		},
	}
	check := func(t *testing.T, s *harness.Server) {
		out, err := Run(t.Context(), s, &sc, Plan{Rate: 1, Recovery: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		// bomb and new were made, nine keys are gone, and the good client may have
		// written some of them again.
		if out.Gone < -2 || out.Gone > 7 || out.Answers["ERR"] != 2 || len(out.Answers) != 1 || out.Trouble != "" || !out.Writable || !out.Returned {
			t.Errorf("%+v", out)
		}
		if out.Before <= 0 || out.Peak < out.Standing || out.Evicted != 0 || out.Refused != 0 {
			t.Errorf("%+v", out)
		}
	}
	o := sc.Options()
	t.Run("redistill", func(t *testing.T) {
		s, err := harness.StartRedistill(t.Context(), harness.PlainBinary(t), o) // its memory counts
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Kill() }() // only its temporary directory could remain
		check(t, s)
	})
	t.Run("redis-server", func(t *testing.T) { check(t, harness.Redis(t, o)) })
}

func TestARunEndsWithItsContext(t *testing.T) {
	deaf := sink(t, func(net.Conn) {})
	ctx, cancel := context.WithCancel(t.Context())
	a := attackers{addr: deaf}
	defer a.leave()
	ended := make(chan error, 1)
	go func() { ended <- a.send(ctx, Crowd{Clients: 1, Says: []byte("PING\r\n"), Replies: 1}) }()
	cancel()
	if err := <-ended; err == nil {
		t.Error("an attack that was ended: no error")
	}
}

// A good client of another process sees what one of this process does, run by run,
// and ends with whoever asks it.
func TestGoodClientAside(t *testing.T) {
	sc := Scenario{Limit: 64 << 20, Keys: 100, Value: 10}
	s := harness.Redistill(t, sc.Options())
	conn, err := harness.Dial(t.Context(), "tcp", s.TCP)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }() // nothing is lost with it
	if err := sc.fill(conn); err != nil {
		t.Fatal(err)
	}
	in, asks := io.Pipe()
	answers, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := Behave(t.Context(), in, out)
		_ = out.CloseWithError(io.EOF) // never fails
		ended <- err
	}()
	a := &aside{in: asks, out: json.NewDecoder(answers)}
	if _, err := a.ask(manners{Addr: s.TCP, Keys: 200, Value: 10, Rate: 1000}); err != nil {
		t.Fatal(err)
	}
	var seen experience
	for range 2 {
		end, err := a.begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for begun, asked := calls(t, conn), int64(0); asked < 50; asked = calls(t, conn) - begun {
			runtime.Gosched()
		}
		if seen, err = end(); err != nil {
			t.Fatal(err)
		}
		if seen.Longest < seen.P99 || seen.P99 < seen.P50 || seen.P50 <= 0 || seen.Refused != 0 || seen.Trouble != "" {
			t.Errorf("%+v", seen)
		}
	}
	// Half of the keys that it knows of are not there before it writes them.
	if seen.Missing == 0 {
		t.Error("no key was missing")
	}
	if err := asks.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// calls is how many commands the server has executed.
func calls(t *testing.T, c *harness.Conn) int64 {
	t.Helper()
	figures, err := churn.Info(c)
	if err != nil {
		t.Fatal(err)
	}
	return figures["total_commands_processed"]
}
