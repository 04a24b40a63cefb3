package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/redistill-go/redistill/integration/harness"
)

// lostPlace is a server whose snapshots have nowhere to go any more, with one key.
func lostPlace(t *testing.T, set ...string) (s *harness.Server, c *harness.Conn, dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "place")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s = harness.Redistill(t, harness.Options{Set: append([]string{
		"persistence.backend=file", "persistence.file.path=" + filepath.Join(dir, "dump.rdb"),
	}, set...)})
	c = dial(t, s)
	want(t, c, "+OK\r\n", "SET", "k", "v")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	return s, c, dir
}

const cannotStop = "-ERR Errors trying to SHUTDOWN. Check logs.\r\n"

// A stop whose last snapshot can't be saved loses nothing: the server says so and
// goes on as before, until there is room or somebody gives up what is not saved.
func TestStopThatCannotSaveGoesOn(t *testing.T) {
	for name, stop := range map[string]func(t *testing.T, s *harness.Server, c *harness.Conn){
		"SHUTDOWN": func(t *testing.T, _ *harness.Server, c *harness.Conn) { want(t, c, cannotStop, "SHUTDOWN") },
		"SHUTDOWN SAVE": func(t *testing.T, _ *harness.Server, c *harness.Conn) {
			want(t, c, cannotStop, "SHUTDOWN", "SAVE", "NOW")
		},
		"SIGTERM": signalled(syscall.SIGTERM),
		"SIGINT":  signalled(os.Interrupt),
	} {
		t.Run(name, func(t *testing.T) {
			s, c, dir := lostPlace(t)
			stop(t, s, c)
			if err := s.AwaitLog(t.Context(), "the server goes on as before"); err != nil {
				t.Fatal(err)
			}
			// Those who are here stay, others come, writes are taken.
			want(t, c, bulk("v"), "GET", "k")
			want(t, c, "+OK\r\n", "SET", "k2", "v2")
			other := dial(t, s)
			want(t, other, bulk("v2"), "GET", "k2")
			if status, body := get(t, s, "/ready"); status != 200 {
				t.Errorf("/ready: %d %s", status, body)
			}
			want(t, other, "-ERR No shutdown in progress.\r\n", "SHUTDOWN", "ABORT")
			// Once there is room, the same stop saves all of it.
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			want(t, c, "+OK\r\n", "SAVE")
			s.MustStop(t)
			again := harness.Redistill(t, harness.Options{Set: []string{
				"persistence.backend=file", "persistence.file.path=" + filepath.Join(dir, "dump.rdb"),
			}})
			want(t, dial(t, again), ":2\r\n", "DBSIZE")
		})
	}
}

func signalled(signal os.Signal) func(*testing.T, *harness.Server, *harness.Conn) {
	return func(t *testing.T, s *harness.Server, _ *harness.Conn) {
		t.Helper()
		if err := s.Signal(signal); err != nil {
			t.Fatal(err)
		}
	}
}

// Whoever gives up what is not saved ends the server.
func TestStopWithoutTheLastSnapshot(t *testing.T) {
	for _, request := range [][]string{{"SHUTDOWN", "NOSAVE"}, {"SHUTDOWN", "FORCE"}, {"SHUTDOWN", "SAVE", "FORCE"}} {
		t.Run(strings.Join(request, " "), func(t *testing.T) {
			s, c, _ := lostPlace(t)
			want(t, c, cannotStop, "SHUTDOWN")
			shutDown(t, s, c, request...)
		})
	}
}

// SIGTERM that comes again and again, as process managers send it, waits for the
// last snapshot; a second SIGINT does not.
func TestSignalsThatComeTwice(t *testing.T) {
	set := []string{
		"persistence.backend=file", "persistence.file.path=" + filepath.Join(t.TempDir(), "dump.rdb"), "server.shutdown_grace=60s",
	}
	s := harness.Redistill(t, harness.Options{Set: set})
	c := dial(t, s)
	const keys = 20_000 // enough for the signals to meet the stop at work
	for i := range keys {
		if err := c.Send("SET", fmt.Sprint("key:", i), string(pattern(500))); err != nil {
			t.Fatal(err)
		}
		if i%100 == 99 {
			for range 100 {
				if reply, err := c.Reply(); err != nil || reply != "+OK\r\n" {
					t.Fatalf("SET: %q, %v", reply, err)
				}
			}
		}
	}
	for {
		if err := s.Terminate(); err != nil {
			break // it has ended
		}
		select {
		case <-s.Exited():
		default:
			continue
		}
		break
	}
	if code, err := s.Wait(); err != nil || code != 0 {
		t.Fatalf("exit code %d, %v", code, err)
	}
	s = harness.Redistill(t, harness.Options{Set: append(set, "server.output_buffer_limit=256mb")})
	c = dial(t, s)
	want(t, c, fmt.Sprintf(":%d\r\n", keys), "DBSIZE")

	// This stop takes as long as a client that doesn't read its replies, so that
	// the second signal meets it for certain.
	want(t, c, "+OK\r\n", "SET", "k", string(pattern(1<<20)))
	writeGets(t, c, 64)
	if _, err := c.Reply(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		if err := s.AwaitLog(t.Context(), "asked to stop"); err != nil {
			t.Fatal(err)
		}
	}
	if code, err := s.Wait(); err != nil || code != 1 || !strings.Contains(s.Output(), "ending at once") {
		t.Errorf("exit code %d, %v", code, err)
	}
}

// What was acknowledged before a stop is in the last snapshot, and what was not
// acknowledged is not expected to be: writes that come while it is saved.
func TestStopLosesNoAcknowledgedWrite(t *testing.T) {
	for name, set := range backends(t) {
		t.Run(name, func(t *testing.T) {
			s := harness.Redistill(t, harness.Options{Set: set})
			const writers = 4
			acknowledged := make(chan int, writers)
			for w := range writers {
				c := dial(t, s)
				go func() {
					n := 0
					for {
						reply, err := c.Do("SET", fmt.Sprintf("w%d", w), fmt.Sprint(n+1))
						if err != nil || reply != "+OK\r\n" {
							break
						}
						n++
					}
					acknowledged <- w<<32 | n
				}()
			}
			reader := dial(t, s)
			eventually(t, "all write", func() error {
				for w := range writers {
					if reply, err := reader.Do("GET", fmt.Sprintf("w%d", w)); err != nil || reply == "$-1\r\n" {
						return fmt.Errorf("%q, %v", reply, err)
					}
				}
				return nil
			})
			s.MustStop(t)
			c := dial(t, harness.Redistill(t, harness.Options{Set: set}))
			for range writers {
				a := <-acknowledged
				w, n := a>>32, a&(1<<32-1)
				want(t, c, bulk(fmt.Sprint(n)), "GET", fmt.Sprintf("w%d", w))
			}
		})
	}
}
