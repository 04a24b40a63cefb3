package integration

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redistill-go/redistill/integration/harness"
	"github.com/redistill-go/redistill/integration/hostile"
)

// A client that asks for much and reads nothing must cost the server no more
// than output_buffer_limit, and must not be in anybody's way.
func TestSlowReader(t *testing.T) {
	s := unraced(t, harness.Options{Set: []string{"server.output_buffer_limit=32mb", "server.client_memory=64mb"}})
	value := string(pattern(100_000))
	want(t, dial(t, s), "+OK\r\n", "SET", "k", value)
	before := residentMemory(t, s)
	most := hostile.Level(before, 0) + 64<<20 // what all clients may hold
	for range 3 {
		slow := dial(t, s)
		block := []byte(strings.Repeat(string(harness.AppendCommand(nil, "GET", "k")), 1000)) // 100 MB of replies
		for range 100 {
			// Either the server stops reading, and the write times out, or it
			// closes the connection.
			if err := slow.SetWriteDeadline(time.Now().Add(500 * time.Millisecond)); err != nil {
				t.Fatal(err)
			}
			_, err := slow.Write(block)
			if now := residentMemory(t, s); now > most {
				t.Fatalf("%d KiB resident, want %d at most", now>>10, most>>10)
			}
			if err != nil {
				break
			}
		}
		other := dial(t, s)
		want(t, other, "+PONG\r\n", "PING")
		want(t, other, bulk(value), "GET", "k")
	}
}

// A client that reads late gets everything that the server agreed to send.
func TestLateReaderLosesNothing(t *testing.T) {
	s := serve(t, harness.Options{})
	value := string(pattern(100_000))
	c := dial(t, s)
	want(t, c, "+OK\r\n", "SET", "k", value)
	const n = 300
	sent := make(chan error, 1)
	go func() {
		_, err := io.WriteString(c, strings.Repeat(string(harness.AppendCommand(nil, "GET", "k")), n))
		sent <- err
	}()
	if err := <-sent; err != nil { // 10 KB: the kernel takes it whether the server reads or not
		t.Fatal(err)
	}
	for i := range n {
		if reply, err := c.Reply(); err != nil || reply != bulk(value) {
			t.Fatalf("reply %d: %d bytes, %v", i, len(reply), err)
		}
	}
	want(t, c, "+PONG\r\n", "PING")
}

func TestMaxClients(t *testing.T) {
	const limit = 3
	s := serve(t, harness.Options{MaxClients: limit})
	// The connection that the harness tried the server with may still count.
	open := make([]*harness.Conn, limit)
	for i := range open {
		eventually(t, "a place below max_clients", func() error {
			open[i] = dial(t, s)
			if reply, err := open[i].Do("PING"); err != nil || reply != pong {
				return fmt.Errorf("PING: %q, %v", reply, err)
			}
			return nil
		})
	}
	got, err := dial(t, s).Rest()
	if err != nil && !errors.Is(err, syscall.ECONNRESET) || got != "-ERR max number of clients reached\r\n" {
		t.Errorf("one client too many got %q, %v", got, err)
	}
	for _, c := range open {
		want(t, c, pong, "PING")
	}
	if err := open[0].Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the place that was given up", func() error {
		if reply, err := dial(t, s).Do("PING"); err != nil || reply != pong {
			return fmt.Errorf("PING: %q, %v", reply, err)
		}
		return nil
	})
}

func TestIdleTimeout(t *testing.T) {
	s := serve(t, harness.Options{IdleTimeout: 3 * time.Second}) // a loaded machine may stop for one
	idle, busy := dial(t, s), dial(t, s)
	want(t, idle, pong, "PING")
	closed := make(chan error, 1)
	go func() {
		got, err := idle.Rest()
		if err == nil && got != "" {
			err = fmt.Errorf("received %q before the close", got)
		}
		closed <- err
	}()
	talk := time.NewTicker(10 * time.Millisecond)
	defer talk.Stop()
	for {
		select {
		case err := <-closed:
			if err != nil && !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("the idle client was not closed: %v", err)
			}
			// The busy one, which talked all the time, is still welcome.
			want(t, busy, pong, "PING")
			return
		case <-talk.C:
			want(t, busy, pong, "PING")
		}
	}
}

// A graceful stop answers what it has begun: here a batch whose replies fill
// every buffer on the way, because the client reads them only after SIGTERM.
func TestStopAnswersThePipelineInFlight(t *testing.T) {
	s := harness.Redistill(t, harness.Options{Unix: true, Set: []string{
		"server.shutdown_grace=60s", "server.output_buffer_limit=256mb",
	}})
	value := string(pattern(1 << 20))
	c := dial(t, s)
	want(t, c, "+OK\r\n", "SET", "k", value)
	idle := dial(t, s)
	want(t, idle, pong, "PING")
	const n = 64
	writeGets(t, c, n)
	if reply, err := c.Reply(); err != nil || reply != bulk(value) {
		t.Fatalf("the first reply: %d bytes, %v", len(reply), err)
	}
	if err := s.Terminate(); err != nil {
		t.Fatal(err)
	}
	// When nobody can connect any more, the server is stopping.
	eventually(t, "new connections are refused", func() error {
		nc, err := net.Dial("tcp", s.TCP)
		if err == nil {
			return errors.Join(errors.New("accepted"), nc.Close())
		}
		return nil
	})
	for i := range n - 1 {
		if reply, err := c.Reply(); err != nil || reply != bulk(value) {
			t.Fatalf("reply %d of %d: %d bytes, %v", i+2, n, len(reply), err)
		}
	}
	for name, conn := range map[string]*harness.Conn{"busy": c, "idle": idle} {
		if rest, err := conn.Rest(); err != nil || rest != "" {
			t.Errorf("after its replies, the %s client got %.100q, %v", name, rest, err)
		}
	}
	code, err := s.Wait()
	if err != nil || code != 0 {
		t.Errorf("exit code %d, %v", code, err)
	}
	if _, err := os.Stat(s.Unix); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the unix socket is still there: %v", err)
	}
}

// writeGets writes a pipeline of GETs at once.
func writeGets(t *testing.T, c *harness.Conn, n int) {
	t.Helper()
	var batch []byte
	for range n {
		batch = harness.AppendCommand(batch, "GET", "k")
	}
	if _, err := c.Write(batch); err != nil {
		t.Fatal(err)
	}
}

// A stop that closes a connection with requests it will not read any more must
// not take back the replies that are on their way: a reset would.
func TestStopLosesNoReply(t *testing.T) {
	s := harness.Redistill(t, harness.Options{Set: []string{"server.shutdown_grace=60s", "server.output_buffer_limit=256mb"}})
	value := string(pattern(1 << 20))
	c, idle := dial(t, s), dial(t, s)
	want(t, c, "+OK\r\n", "SET", "k", value)
	want(t, idle, pong, "PING")
	const n = 64
	writeGets(t, c, n)
	if reply, err := c.Reply(); err != nil || reply != bulk(value) {
		t.Fatalf("the first reply: %d bytes, %v", len(reply), err)
	}
	writeGets(t, c, n) // the server is busy writing and does not read this
	if err := s.Terminate(); err != nil {
		t.Fatal(err)
	}
	// When an idle client is closed, no connection is read from any more.
	if rest, err := idle.Rest(); err != nil || rest != "" {
		t.Fatalf("the idle client got %.100q, %v", rest, err)
	}
	for i := range n - 1 {
		if reply, err := c.Reply(); err != nil || reply != bulk(value) {
			t.Fatalf("reply %d of %d: %d bytes, %v", i+2, n, len(reply), err)
		}
	}
	if rest, err := c.Rest(); err != nil || len(rest)%len(bulk(value)) != 0 {
		t.Errorf("after its replies, the client got %d bytes, %v", len(rest), err)
	}
	if code, err := s.Wait(); err != nil || code != 0 {
		t.Errorf("exit code %d, %v", code, err)
	}
}

// A client that never reads cannot hold up a stop beyond shutdown_grace.
func TestStopDoesNotWaitForEver(t *testing.T) {
	s := harness.Redistill(t, harness.Options{Set: []string{"server.shutdown_grace=1s"}})
	value := string(pattern(1 << 20))
	c := dial(t, s)
	want(t, c, "+OK\r\n", "SET", "k", value)
	writeGets(t, c, 64)
	if _, err := c.Reply(); err != nil {
		t.Fatal(err)
	}
	s.MustStop(t)
}

func TestStopWithoutClients(t *testing.T) {
	serve(t, harness.Options{Unix: true}).MustStop(t)
}
