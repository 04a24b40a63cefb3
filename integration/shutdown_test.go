package integration

import (
	"path/filepath"
	"testing"

	"github.com/redistill-go/redistill/integration/harness"
)

// SHUTDOWN ends the process without a reply, and its options decide about the
// last snapshot.
func TestShutdown(t *testing.T) {
	for _, c := range []struct {
		name    string
		config  string // persistence.save_on_shutdown
		request []string
		saved   bool
	}{
		{"as configured: save", "true", []string{"SHUTDOWN"}, true},
		{"as configured: don't", "false", []string{"SHUTDOWN", "NOW"}, false},
		{"SAVE", "false", []string{"shutdown", "save"}, true},
		{"NOSAVE", "true", []string{"SHUTDOWN", "NOSAVE", "FORCE"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			set := []string{"persistence.backend=file", "persistence.file.path=" + filepath.Join(t.TempDir(), "dump.rdb"),
				"persistence.save_on_shutdown=" + c.config}
			s := harness.Redistill(t, harness.Options{Set: set})
			conn := dial(t, s)
			want(t, conn, "+OK\r\n", "SET", "k", "v")
			shutDown(t, s, conn, c.request...)

			s = harness.Redistill(t, harness.Options{Set: set})
			reply := "$-1\r\n"
			if c.saved {
				reply = bulk("v")
			}
			want(t, dial(t, s), reply, "GET", "k")
		})
	}
}

// shutDown sends the request and waits for the process to end.
func shutDown(t *testing.T, s *harness.Server, c *harness.Conn, request ...string) {
	t.Helper()
	if reply, err := c.Do(request...); err == nil {
		t.Errorf("%q replied %q", request, reply)
	}
	if code, err := s.Wait(); err != nil || code != 0 {
		t.Errorf("%q: exit code %d, %v", request, code, err)
	}
}

func TestShutdownThatCannotSave(t *testing.T) {
	s := harness.Redistill(t, harness.Options{})
	c := dial(t, s)
	want(t, c, "-ERR Errors trying to SHUTDOWN. Check logs.\r\n", "SHUTDOWN", "SAVE")
	want(t, c, "+PONG\r\n", "PING")
	shutDown(t, s, c, "SHUTDOWN")
}
