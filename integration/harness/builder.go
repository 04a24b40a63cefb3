package harness

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Builder is redistill-build and the source tree that it is to build from.
type Builder struct{ Program, Source string }

// NewBuilder compiles redistill-build into dir. The working directory must be inside
// the module, as it is in tests and with go run.
func NewBuilder(ctx context.Context, dir string) (Builder, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return Builder{}, fmt.Errorf("harness: go list -m: %w", err)
	}
	b := Builder{filepath.Join(dir, "redistill-build"), strings.TrimSpace(string(out))}
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", b.Program, mainPackage+"-build").CombinedOutput(); err != nil {
		return Builder{}, fmt.Errorf("harness: go build %s-build: %w\n%s", mainPackage, err, out)
	}
	return b, nil
}

// Build builds a server, from a directory that has nothing to do with the tree, and
// returns what was printed. Its error has that too.
func (b Builder) Build(ctx context.Context, output string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, b.Program, append([]string{"--source", b.Source, "--output", output}, args...)...)
	cmd.Dir = filepath.Dir(output)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("harness: redistill-build %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

// Module is a module as `redistill modules --json` tells of it.
type Module struct {
	ID      string `json:"id"`
	Kind    string `json:"kind"`
	Package string `json:"package"`
	Version string `json:"version"`
}

// Modules asks a binary for its modules.
func Modules(ctx context.Context, binary string) ([]Module, error) {
	cmd := exec.CommandContext(ctx, binary, "modules", "--json")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("harness: redistill modules: %w", err)
	}
	var list []Module
	if err := json.Unmarshal(out, &list); err != nil {
		return nil, fmt.Errorf("harness: redistill modules: %w", err)
	}
	return list, nil
}
