package integration

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/redistill-go/redistill/integration/harness"
)

// A server whose snapshot is damaged does not start: it says in one line which
// file, where in it, and what to do, and leaves the file as it is.
func TestDamagedSnapshotFileKeepsTheServerFromStarting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dump.rdb")
	s := harness.Redistill(t, fileBackend(path))
	c := dial(t, s)
	for i := range 100 {
		want(t, c, "+OK\r\n", "SET", fmt.Sprint("key", i), string(pattern(1000)))
	}
	s.MustStop(t)
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	offset := regexp.MustCompile(`: offset \d+: `)
	for name, damaged := range map[string][]byte{
		"truncated":     sound[:len(sound)/2],
		"flipped bit":   flipped(sound, len(sound)/2),
		"no magic":      flipped(sound, 0),
		"newer version": bytes.Replace(sound, sound[:9], []byte("REDIS9999"), 1),
		"no checksum":   sound[:len(sound)-8],
		"empty":         {},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(path, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			set := []string{"transports.tcp.listen=127.0.0.1:0", "admin.listen=127.0.0.1:0",
				"persistence.backend=file", "persistence.file.path=" + path, "persistence.save_on_shutdown=true"}
			var args []string
			for _, s := range set {
				args = append(args, "--set", s)
			}
			code, stdout, stderr := harness.Run(t, nil, args...)
			if code <= 0 || stdout != "" || strings.Contains(stderr, "\n") || !strings.Contains(stderr, path) || !offset.MatchString(stderr) {
				t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
			}
			if _, advice, ok := strings.Cut(stderr, "; "); !ok || advice == "" {
				t.Errorf("no advice in %q", stderr)
			}
			after, err := os.ReadFile(path)
			if err != nil || !bytes.Equal(after, damaged) {
				t.Errorf("the file was changed (%v)", err)
			}
			if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
				t.Errorf("the directory holds %v (%v)", files, err)
			}
			verifyCode, _, verifyErr := harness.Run(t, nil, "snapshot", "verify", path)
			if verifyCode != 2 || !offset.MatchString(verifyErr) {
				t.Errorf("snapshot verify: exit code %d, %q", verifyCode, verifyErr)
			}
		})
	}
}

func flipped(p []byte, at int) []byte {
	p = bytes.Clone(p)
	p[at] ^= 0x10
	return p
}

// While the snapshot is being loaded, clients are told LOADING and probes that
// the server is not ready; both end with the load.
func TestServerSaysThatItIsLoading(t *testing.T) {
	for name, set := range backends(t) {
		t.Run(name, func(t *testing.T) {
			// How many keys keep the load going until it is asked for depends on the
			// machine: where it was over, there are more.
			const most = 1_000_000
			from := 0
			for keys := 20_000; ; keys *= 3 {
				addKeys(t, set, from, keys)
				from = keys
				s := harness.Begin(t, harness.Options{Set: set, Unix: true})
				first := askLoading(t, s)
				loading := strings.HasPrefix(first, "-LOADING ")
				status, body := get(t, s, "/ready")
				if (!loading || status == http.StatusOK) && keys < most {
					if err := s.Kill(); err != nil {
						t.Fatal(err)
					}
					continue
				}
				if !loading {
					t.Fatalf("the first reply while %d keys are loaded is %q", keys, first)
				}
				if status != http.StatusServiceUnavailable || !strings.Contains(body, "loading") {
					t.Errorf("/ready while loading: %d %s", status, body)
				}
				if err := s.AwaitLog(t.Context(), "msg=ready"); err != nil {
					t.Fatal(err)
				}
				if reply := askLoading(t, s); reply != bulk(loadedValue) {
					t.Errorf("after the load: %q", reply)
				}
				if status, body := get(t, s, "/ready"); status != http.StatusOK {
					t.Errorf("/ready after the load: %d %s", status, body)
				}
				return
			}
		})
	}
}

const loadedValue = "some value of no great length"

// addKeys has a server save numbered keys beside those that it has.
func addKeys(t *testing.T, set []string, from, to int) {
	t.Helper()
	s := harness.Redistill(t, harness.Options{Set: set})
	c := dial(t, s)
	for i := from; i < to; i += 1000 {
		args := []string{"MSET"}
		for j := i; j < min(i+1000, to); j++ {
			args = append(args, fmt.Sprint("key:", j), loadedValue)
		}
		want(t, c, "+OK\r\n", args...)
	}
	s.MustStop(t)
}

// askLoading is the reply of a server that may not listen yet.
func askLoading(t *testing.T, s *harness.Server) string {
	t.Helper()
	retry := time.NewTicker(time.Millisecond)
	defer retry.Stop()
	for {
		if c, err := harness.Dial(t.Context(), "unix", s.Unix); err == nil {
			reply, err := c.Do("GET", "key:1")
			if closeErr := c.Close(); err != nil || closeErr != nil {
				t.Fatal(err, closeErr)
			}
			return reply
		}
		select {
		case <-retry.C:
		case <-s.Exited():
			t.Fatalf("the server ended:\n%s", s.Output())
		}
	}
}
