package integration

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/integration/harness"
)

func get(t *testing.T, s *harness.Server, path string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.Admin+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }() // read to its end below
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

var metricLine = regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]*(\{[^{}]*\})? [-+]?([0-9.]+([eE][-+]?[0-9]+)?|NaN|Inf)$`)

func TestAdminEndpoints(t *testing.T) {
	s := harness.Redistill(t, harness.Options{Password: "s3cret"})
	for _, path := range []string{"/health", "/ready"} {
		if status, body := get(t, s, path); status != http.StatusOK {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if status, _ := get(t, s, "/no-such-page"); status != http.StatusNotFound {
		t.Errorf("/no-such-page: %d", status)
	}
	c := dial(t, s)
	want(t, c, "+OK\r\n", "AUTH", "s3cret")
	for i := range 1234 {
		want(t, c, "+OK\r\n", "SET", fmt.Sprint("key", i), "v")
	}
	status, body := get(t, s, "/metrics")
	if status != http.StatusOK {
		t.Fatalf("/metrics: %d %s", status, body)
	}
	for line := range strings.Lines(body) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' && !metricLine.MatchString(line) {
			t.Errorf("/metrics: malformed line %q", line)
		}
	}
	// The figures are the server's own: the keys there are, the calls of SET.
	for _, line := range []string{"redistill_ready 1", "redistill_keys 1234", `redistill_command_calls_total{command="set"} 1234`} {
		if !strings.Contains(body, "\n"+line+"\n") {
			t.Errorf("/metrics: no line %q in\n%s", line, body)
		}
	}
	if strings.Contains(body, "s3cret") {
		t.Error("/metrics shows the password")
	}
}

// A server that drains says so before it is gone.
func TestNotReadyWhileDraining(t *testing.T) {
	s := harness.Redistill(t, harness.Options{Set: []string{"server.shutdown_grace=60s", "server.output_buffer_limit=256mb"}})
	value := string(pattern(1 << 20))
	c := dial(t, s)
	want(t, c, "+OK\r\n", "SET", "k", value)
	writeGets(t, c, 64)
	if _, err := c.Reply(); err != nil {
		t.Fatal(err)
	}
	if err := s.Terminate(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "/ready is 503", func() error {
		if status, body := get(t, s, "/ready"); status != http.StatusServiceUnavailable {
			return fmt.Errorf("/ready: %d %s", status, body)
		}
		return nil
	})
	if status, _ := get(t, s, "/health"); status != http.StatusOK {
		t.Errorf("/health while draining: %d", status)
	}
	if _, err := c.Rest(); err != nil {
		t.Error(err)
	}
	if code, err := s.Wait(); err != nil || code != 0 {
		t.Errorf("exit code %d, %v", code, err)
	}
}
