package integration

import (
	"fmt"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/integration/harness"
)

// Where there are fewer file descriptors than max_clients needs, clients get fewer
// places, and all else works when they have taken every one: snapshots, the admin
// endpoint, an administrator.
func TestFewDescriptors(t *testing.T) {
	for name, set := range backends(t) {
		t.Run(name, func(t *testing.T) {
			s := harness.Redistill(t, harness.Options{Descriptors: 400, Unix: true, Set: set})
			if n := strings.Count(s.Output(), "fewer clients than server.max_clients"); n != 1 {
				t.Errorf("the log says %d times that there are fewer clients", n)
			}
			first := dial(t, s)
			want(t, first, pong, "PING")
			most := parameter(t, first, "maxclients")
			if most < 50 || most > 350 {
				t.Fatalf("maxclients is %d", most)
			}
			want(t, first, fmt.Sprintf("-ERR CONFIG SET failed (possibly related to argument 'maxclients') - "+
				"The operating system is not able to handle the specified number of clients, try with %d\r\n", most), "CONFIG", "SET", "maxclients", fmt.Sprint(most+1))
			want(t, first, "+OK\r\n", "CONFIG", "SET", "maxclients", fmt.Sprint(most))
			for range most + 50 { // the last are refused, or wait for it
				dial(t, s)
			}
			eventually(t, "all places are taken", func() error {
				if n := info(t, first, "connected_clients"); n < int64(most) {
					return fmt.Errorf("%d of %d", n, most)
				}
				return nil
			})
			want(t, first, "+OK\r\n", "SET", "k", "v")
			want(t, first, "+OK\r\n", "SAVE")
			for _, path := range []string{"/health", "/ready", "/metrics"} {
				if status, body := get(t, s, path); status != 200 {
					t.Errorf("%s: %d %s", path, status, body)
				}
			}
			eventually(t, "an administrator gets in", func() error {
				c, err := harness.Dial(t.Context(), "unix", s.Unix)
				if err != nil {
					return err
				}
				defer func() { _ = c.Close() }() // the server may have closed it
				if reply, err := c.Do("CLIENT", "ID"); err != nil || !strings.HasPrefix(reply, ":") {
					return fmt.Errorf("%q, %v", reply, err)
				}
				return nil
			})
			if out := s.Output(); strings.Contains(out, "too many open files") {
				t.Errorf("descriptors have run out:\n%s", out)
			}
		})
	}
}

// parameter is the number that CONFIG GET has for a name.
func parameter(t *testing.T, c *harness.Conn, name string) (n int) {
	t.Helper()
	reply, err := c.Do("CONFIG", "GET", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscanf(strings.Split(reply, "\r\n")[4], "%d", &n); err != nil {
		t.Fatalf("CONFIG GET %s: %q", name, reply)
	}
	return n
}

// Where there are none for clients, the start fails and says how many it takes.
func TestTooFewDescriptors(t *testing.T) {
	s := harness.Begin(t, harness.Options{Descriptors: 50, Unix: true})
	code, err := s.Wait()
	if out := s.Output(); err != nil || code != 1 || strings.Contains(out, "\n") ||
		!strings.Contains(out, "no file descriptors are left for clients: the limit is 50") {
		t.Errorf("exit code %d, %v:\n%s", code, err, out)
	}
}
