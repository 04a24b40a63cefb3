package integration

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redistill-go/redistill/integration/harness"
)

func backends(t *testing.T) map[string][]string {
	dir := t.TempDir()
	return map[string][]string{
		"file":   {"persistence.backend=file", "persistence.file.path=" + filepath.Join(dir, "dump.rdb"), "persistence.save_on_shutdown=true"},
		"pebble": {"persistence.backend=pebble", "persistence.pebble.dir=" + filepath.Join(dir, "pebble"), "persistence.save_on_shutdown=true"},
	}
}

func TestSnapshotSurvivesARestart(t *testing.T) {
	const keys = 5_000
	const future = "4102444800123" // ms, in 2100
	for name, set := range backends(t) {
		t.Run(name, func(t *testing.T) {
			s := harness.Redistill(t, harness.Options{Set: set})
			c := dial(t, s)
			for i := range keys {
				if err := c.Send("SET", fmt.Sprintf("key:%d", i), fmt.Sprintf("value:%d", i)); err != nil {
					t.Fatal(err)
				}
				if i%1000 == 999 {
					for range 1000 {
						if reply, err := c.Reply(); err != nil || reply != "+OK\r\n" {
							t.Fatalf("SET: %q, %v", reply, err)
						}
					}
				}
			}
			large, binary := string(pattern(3<<20)), "\x00\r\n\xff"
			want(t, c, "+OK\r\n", "SET", "large", large)
			want(t, c, "+OK\r\n", "SET", "", "")
			want(t, c, "+OK\r\n", "SET", binary, binary)
			want(t, c, "+OK\r\n", "SET", "counter", "41")
			want(t, c, "+OK\r\n", "SET", "later", "v", "PXAT", future)
			want(t, c, "+OK\r\n", "SET", "soon", "v", "PX", "1")
			s.MustStop(t)

			// Twice, so that what was loaded is also what is saved.
			for range 2 {
				s = harness.Redistill(t, harness.Options{Set: set})
				c = dial(t, s)
				want(t, c, fmt.Sprintf(":%d\r\n", keys+5), "DBSIZE")
				for _, i := range []int{0, 1, keys / 2, keys - 1} {
					want(t, c, bulk(fmt.Sprintf("value:%d", i)), "GET", fmt.Sprintf("key:%d", i))
				}
				want(t, c, bulk(large), "GET", "large")
				want(t, c, bulk(""), "GET", "")
				want(t, c, bulk(binary), "GET", binary)
				want(t, c, ":42\r\n", "INCR", "counter")
				want(t, c, ":41\r\n", "DECR", "counter")
				want(t, c, ":"+future+"\r\n", "PEXPIRETIME", "later")
				want(t, c, ":-1\r\n", "PEXPIRETIME", "large")
				want(t, c, "$-1\r\n", "GET", "soon")
				s.MustStop(t)
			}
		})
	}
}

func TestNoSnapshotUnlessAsked(t *testing.T) {
	for name, set := range backends(t) {
		t.Run(name, func(t *testing.T) {
			set = append(set, "persistence.save_on_shutdown=false")
			s := harness.Redistill(t, harness.Options{Set: set})
			want(t, dial(t, s), "+OK\r\n", "SET", "k", "v")
			s.MustStop(t)
			s = harness.Redistill(t, harness.Options{Set: set})
			want(t, dial(t, s), ":0\r\n", "DBSIZE")
		})
	}
}

// await asks again and again until the answer is yes, as clients do that wait
// for a BGSAVE.
func await(t *testing.T, what string, yes func() bool) {
	t.Helper()
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	timeout := time.NewTimer(harness.StartTimeout)
	defer timeout.Stop()
	for !yes() {
		select {
		case <-poll.C:
		case <-timeout.C:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func persistenceInfo(t *testing.T, c *redis.Client) map[string]string {
	t.Helper()
	info, err := c.Info(t.Context(), "persistence").Result()
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]string{}
	for line := range strings.Lines(info) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			fields[name] = value
		}
	}
	return fields
}
