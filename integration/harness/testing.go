package harness

import (
	"context"
	"strings"
	"testing"
)

// Redistill starts the server of this tree for one test. At the end of the
// test it is killed if it still runs, and the test fails if the server
// panicked or the race detector spoke.
func Redistill(t testing.TB, o Options) *Server {
	t.Helper()
	s, err := StartRedistill(t.Context(), Binary(t), o)
	return supervise(t, s, err)
}

// Custom is Redistill for a binary of one's own, of which the options say what modules
// it has.
func Custom(t testing.TB, binary string, o Options) *Server {
	t.Helper()
	s, err := StartRedistill(t.Context(), binary, o)
	return supervise(t, s, err)
}

// Begin is Redistill for a test that watches the start itself: see
// BeginRedistill.
func Begin(t testing.TB, o Options) *Server {
	t.Helper()
	s, err := BeginRedistill(Binary(t), o)
	return supervise(t, s, err)
}

// Redis starts redis-server for one test and kills it at the end.
func Redis(t testing.TB, o Options) *Server {
	t.Helper()
	s, err := StartRedis(t.Context(), o)
	return supervise(t, s, err)
}

func supervise(t testing.TB, s *Server, err error) *Server {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Kill(); err != nil {
			t.Errorf("removing the server's directory: %v", err)
		}
		out := s.Output()
		for _, sign := range []string{"panic:", "fatal error:", "DATA RACE"} {
			if strings.Contains(out, sign) {
				t.Errorf("%s: %s in its output:\n%s", s.Name, sign, out)
			}
		}
		if t.Failed() {
			t.Logf("output of %s:\n%s", s.Name, tail(out, 40))
		}
	})
	return s
}

func tail(text string, n int) string {
	lines := strings.Split(text, "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// MustStop stops the server with SIGTERM and fails the test unless it exits
// with code 0.
func (s *Server) MustStop(t testing.TB) {
	t.Helper()
	code, err := s.Stop()
	if err != nil {
		t.Fatal(err)
	}
	if code != 0 {
		t.Fatalf("%s exited with code %d after SIGTERM; its output:\n%s", s.Name, code, s.Output())
	}
}

// Run runs the redistill binary to its end, as for its inspection commands and
// for starts that must fail, and returns the exit code and both outputs.
func Run(t testing.TB, env []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	p, err := start(Binary(t), args, env, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer p.kill()
	ctx, cancel := context.WithTimeout(t.Context(), StopTimeout)
	defer cancel()
	select {
	case <-p.Exited():
	case <-ctx.Done():
		t.Fatalf("redistill %s does not end; its output:\n%s", strings.Join(args, " "), p.Output())
	}
	return p.exitCode(), p.Stdout(), p.Stderr()
}
