package harness

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

const mainPackage = "github.com/redistill-go/redistill/cmd/redistill"

// Build compiles the server into dir and returns the binary's path. The
// working directory must be inside the module, as it is in tests and with
// go run.
func Build(ctx context.Context, dir string, flags ...string) (string, error) {
	binary := filepath.Join(dir, "redistill")
	args := append([]string{"build", "-o", binary}, flags...)
	out, err := exec.CommandContext(ctx, "go", append(args, mainPackage)...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("harness: go build %s: %w\n%s", mainPackage, err, out)
	}
	return binary, nil
}

// once is a binary that is built at most once per test process.
type once struct {
	sync.Once
	dir  string
	path string
	err  error
}

func (b *once) build(t testing.TB, flags ...string) string {
	t.Helper()
	b.Do(func() {
		if b.dir, b.err = os.MkdirTemp("", "rdst"); b.err == nil {
			b.path, b.err = Build(context.Background(), b.dir, flags...)
		}
	})
	if b.err != nil {
		t.Fatal(b.err)
	}
	return b.path
}

// The binaries of a test process; plain is none of its own without -race.
var built, plain once

// Binary builds the server once per test process and returns the path. The
// tests must run under Main, which removes it.
func Binary(t testing.TB) string {
	t.Helper()
	if Race {
		return built.build(t, "-race")
	}
	return built.build(t)
}

// PlainBinary is Binary without the race detector, for tests of what the
// process holds.
func PlainBinary(t testing.TB) string {
	t.Helper()
	if Race {
		return plain.build(t)
	}
	return Binary(t)
}

// Main is the body of TestMain for packages that use Binary.
func Main(m *testing.M) {
	code := m.Run()
	for _, b := range []*once{&built, &plain} {
		if b.dir != "" {
			_ = os.RemoveAll(b.dir)
		}
	}
	os.Exit(code)
}
