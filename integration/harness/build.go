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

var built struct {
	once sync.Once
	dir  string
	path string
	err  error
}

// Binary builds the server once per test process and returns the path. The
// tests must run under Main, which removes it.
func Binary(t testing.TB) string {
	t.Helper()
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "rdst"); built.err != nil {
			return
		}
		var flags []string
		if Race {
			flags = append(flags, "-race")
		}
		built.path, built.err = Build(context.Background(), built.dir, flags...)
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.path
}

// Main is the body of TestMain for packages that use Binary.
func Main(m *testing.M) {
	code := m.Run()
	if built.dir != "" {
		_ = os.RemoveAll(built.dir)
	}
	os.Exit(code)
}
