package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redistill-go/redistill/integration/harness"
)

// saved waits until no snapshot is being saved.
func saved(t *testing.T, c *harness.Conn) {
	t.Helper()
	eventually(t, "the snapshot is complete", func() error {
		if info(t, c, "rdb_bgsave_in_progress") != 0 {
			return fmt.Errorf("it is being saved")
		}
		return nil
	})
}

// killed ends a server as a crash would, and starts it anew.
func killed(t *testing.T, s *harness.Server, set []string) *harness.Conn {
	t.Helper()
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	return dial(t, harness.Redistill(t, harness.Options{Set: set}))
}

// What SAVE and BGSAVE have saved survives a crash, and nothing that was
// written later does.
func TestSaveAndBGSave(t *testing.T) {
	for name, set := range backends(t) {
		t.Run(name, func(t *testing.T) {
			s := harness.Redistill(t, harness.Options{Set: set})
			c := dial(t, s)
			started := info(t, c, "rdb_last_save_time")
			want(t, c, fmt.Sprintf(":%d\r\n", started), "LASTSAVE")
			want(t, c, "+OK\r\n", "SET", "a", "1")
			want(t, c, ":2\r\n", "HSET", "h", "f", "1", "g", "2")
			if n := info(t, c, "rdb_changes_since_last_save"); n != 2 {
				t.Errorf("%d changes since the last save, want 2", n)
			}
			want(t, c, "+OK\r\n", "SAVE")
			if n := info(t, c, "rdb_changes_since_last_save"); n != 0 {
				t.Errorf("%d changes since SAVE", n)
			}
			want(t, c, "+OK\r\n", "SET", "b", "2")
			want(t, c, ":1\r\n", "DEL", "a")
			want(t, c, "+Background saving started\r\n", "BGSAVE")
			want(t, c, "+OK\r\n", "SET", "c", "3") // later than the moment
			want(t, c, ":1\r\n", "HDEL", "h", "f")
			saved(t, c)
			if n := info(t, c, "rdb_saves"); n != 2 {
				t.Errorf("%d saves, want 2", n)
			}
			c = killed(t, s, set)
			want(t, c, ":2\r\n", "DBSIZE")
			want(t, c, bulk("2"), "GET", "b")
			want(t, c, "*2\r\n"+bulk("1")+bulk("2"), "HMGET", "h", "f", "g")
			if n := info(t, c, "rdb_last_load_keys_loaded"); n != 2 {
				t.Errorf("%d keys loaded, want 2", n)
			}
		})
	}
}

func TestSaveInATransaction(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dump.rdb")
	set := []string{"persistence.backend=file", "persistence.file.path=" + path, "persistence.save_on_shutdown=false"}
	s := harness.Redistill(t, harness.Options{Set: set})
	c := dial(t, s)
	want(t, c, "+OK\r\n", "MULTI")
	want(t, c, "-ERR Command not allowed inside a transaction\r\n", "SAVE")
	want(t, c, "-EXECABORT Transaction discarded because of previous errors.\r\n", "EXEC")
	want(t, c, "+OK\r\n", "MULTI")
	want(t, c, "+QUEUED\r\n", "SET", "a", "1")
	want(t, c, "+QUEUED\r\n", "BGSAVE")
	want(t, c, "+QUEUED\r\n", "INFO", "persistence")
	want(t, c, "+QUEUED\r\n", "SET", "b", "1")
	if reply, err := c.Do("EXEC"); err != nil || !strings.HasPrefix(reply, "*4\r\n+OK\r\n+Background saving scheduled\r\n") || !strings.HasSuffix(reply, "+OK\r\n") {
		t.Fatalf("EXEC: %q, %v", reply, err)
	}
	saved(t, c)
	c = killed(t, s, set)
	want(t, c, ":2\r\n", "DBSIZE") // a transaction is saved whole
}

func TestSaveWithoutBackendOrPlace(t *testing.T) {
	c := dial(t, harness.Redistill(t, harness.Options{}))
	for _, command := range [][]string{{"SAVE"}, {"BGSAVE"}, {"BGSAVE", "SCHEDULE"}} {
		want(t, c, "-ERR there is nowhere to save a snapshot: start the server with persistence.backend set\r\n", command...)
	}
	want(t, c, "-ERR syntax error\r\n", "BGSAVE", "NOW")
	want(t, c, "-ERR wrong number of arguments for 'save' command\r\n", "SAVE", "NOW")

	dir := filepath.Join(t.TempDir(), "gone")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	c = dial(t, harness.Redistill(t, harness.Options{Set: []string{
		"persistence.backend=file", "persistence.file.path=" + filepath.Join(dir, "dump.rdb"), "persistence.save_on_shutdown=false",
	}}))
	want(t, c, "+OK\r\n", "SET", "k", "v")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	reply, err := c.Do("SAVE")
	if err != nil || !strings.HasPrefix(reply, "-ERR the snapshot was not saved: persistence.file: "+dir) {
		t.Errorf("SAVE to a place that is gone: %q, %v", reply, err)
	}
	if text, err := c.Do("INFO", "persistence"); err != nil || !strings.Contains(text, "rdb_last_bgsave_status:err") || !strings.Contains(text, "rdb_changes_since_last_save:1\r") {
		t.Errorf("INFO after a failed save: %q, %v", text, err)
	}
	want(t, c, bulk("v"), "GET", "k")
}

// A transaction that is written again and again is in each snapshot whole.
func TestSnapshotsAreOfOneMoment(t *testing.T) {
	const keys = 500
	for name, set := range backends(t) {
		t.Run(name, func(t *testing.T) {
			s := harness.Redistill(t, harness.Options{Set: set})
			c, other := dial(t, s), dial(t, s)
			stop, stopped := make(chan struct{}), make(chan error, 1)
			go func() {
				for n := 0; ; n++ {
					select {
					case <-stop:
						stopped <- nil
						return
					default:
					}
					args := []string{"MSET"}
					for i := range keys {
						args = append(args, fmt.Sprint("key:", i), fmt.Sprintf("%d:%s", n, strings.Repeat("x", n%50)))
					}
					if reply, err := other.Do(args...); err != nil || reply != "+OK\r\n" {
						stopped <- fmt.Errorf("MSET: %q, %w", reply, err)
						return
					}
				}
			}()
			for range 5 {
				want(t, c, "+OK\r\n", "SAVE")
			}
			close(stop)
			if err := <-stopped; err != nil {
				t.Fatal(err)
			}
			c = killed(t, s, set)
			first, err := c.Do("GET", "key:0")
			if err != nil || !strings.HasPrefix(first, "$") {
				t.Fatalf("GET: %q, %v", first, err)
			}
			for i := range keys {
				want(t, c, first, "GET", fmt.Sprint("key:", i))
			}
		})
	}
}

// Snapshots are taken at the interval.
func TestPeriodicSnapshots(t *testing.T) {
	for name, set := range backends(t) {
		t.Run(name, func(t *testing.T) {
			set = append(set, "persistence.interval=50ms")
			s := harness.Redistill(t, harness.Options{Set: set})
			c := dial(t, s)
			begin := time.Now().Unix()
			want(t, c, "+OK\r\n", "SET", "k", "v")
			eventually(t, "a snapshot is saved", func() error {
				if info(t, c, "rdb_changes_since_last_save") != 0 {
					return fmt.Errorf("changes are not saved")
				}
				return nil
			})
			if at := info(t, c, "rdb_last_save_time"); at < begin {
				t.Errorf("saved at %d, which was before %d", at, begin)
			}
			want(t, killed(t, s, set), bulk("v"), "GET", "k")
		})
	}
}
