package integration

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/redistill-go/redistill/integration/harness"
)

// TestContinuousSnapshots kills the server while it saves changes in the
// background and a client writes: what had been saved is there again, and
// commands that write two keys are there whole.
func TestContinuousSnapshots(t *testing.T) {
	set := []string{
		"persistence.backend=pebble", "persistence.save_on_shutdown=false",
		"persistence.pebble.dir=" + filepath.Join(t.TempDir(), "store"),
		"persistence.pebble.mode=continuous", "persistence.pebble.interval=1s",
	}
	var acknowledged atomic.Int64
	for round := range 2 { // of which the second begins with what the first has left
		s := harness.Redistill(t, harness.Options{Set: set})
		start := acknowledged.Load()
		done := make(chan error)
		writer := dial(t, s)
		go func() { done <- countUp(writer, &acknowledged) }()

		c := dial(t, s)
		var safe int64
		eventually(t, "what was written first is saved", func() error {
			if acknowledged.Load() == start {
				return fmt.Errorf("nothing is written yet")
			}
			safe = acknowledged.Load()
			return nil
		})
		// The save that is under way may have begun before; the next has not.
		before := saves(t, c)
		eventually(t, "two saves", func() error {
			if n := saves(t, c) - before; n < 2 {
				return fmt.Errorf("%d saves", n)
			}
			return nil
		})
		if err := s.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err == nil {
			t.Fatal("the writer outlived the server")
		}

		s = harness.Redistill(t, harness.Options{Set: set})
		c = dial(t, s)
		a, b := number(t, c, "a"), number(t, c, "b")
		if a != b || a < safe || a > acknowledged.Load()+1 {
			t.Fatalf("round %d: a is %d and b is %d after a kill, want the same from %d to %d", round, a, b, safe, acknowledged.Load()+1)
		}
		acknowledged.Store(a)
		if err := s.Kill(); err != nil {
			t.Fatal(err)
		}
	}
}

// countUp sets a and b to the same number, one higher each time.
func countUp(c *harness.Conn, acknowledged *atomic.Int64) error {
	for {
		n := strconv.FormatInt(acknowledged.Load()+1, 10)
		if reply, err := c.Do("MSET", "a", n, "b", n, "key:"+n, n); err != nil || reply != "+OK\r\n" {
			return fmt.Errorf("MSET: %q, %w", reply, err)
		}
		acknowledged.Add(1)
	}
}

func saves(t *testing.T, c *harness.Conn) int64 {
	t.Helper()
	reply, err := c.Do("INFO", "persistence")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(reply, "\r\nrdb_saves:")
	digits, _, _ := strings.Cut(rest, "\r\n")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		t.Fatalf("rdb_saves in %q: %v", reply, err)
	}
	return n
}

func number(t *testing.T, c *harness.Conn, key string) int64 {
	t.Helper()
	reply, err := c.Do("GET", key)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(reply, "\r\n")
	if len(lines) < 2 {
		t.Fatalf("GET %s: %q", key, reply)
	}
	n, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		t.Fatalf("GET %s: %q", key, reply)
	}
	return n
}
