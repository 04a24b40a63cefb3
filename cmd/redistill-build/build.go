package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// target is the package that is built.
const target = "github.com/redistill-go/redistill/cmd/redistill"

// build compiles the selection and makes sure that the binary has exactly what
// was asked for.
func build(ctx context.Context, s selection, output string) error {
	output, err := filepath.Abs(output)
	if err != nil {
		return fmt.Errorf("--output: %w", err)
	}
	compile := exec.CommandContext(ctx, "go", "build", "-trimpath", "-tags", strings.Join(s.tags, ","), "-o", output, target)
	var messages bytes.Buffer
	compile.Stderr = &messages
	if err := compile.Run(); err != nil {
		return fmt.Errorf("go build: %w: %s; run it inside the source tree of redistill", err, strings.TrimSpace(messages.String()))
	}
	got, err := modulesOf(ctx, output)
	if err != nil {
		return err
	}
	if !slices.Equal(got, s.ids) {
		return fmt.Errorf("%s has the modules %s and not %s; remove it and report this as a mistake in the build tags",
			output, strings.Join(got, ", "), strings.Join(s.ids, ", "))
	}
	return nil
}

// modulesOf asks a binary for its modules.
func modulesOf(ctx context.Context, binary string) ([]string, error) {
	ask := exec.CommandContext(ctx, binary, "modules", "--ids")
	ask.Stderr = os.Stderr
	out, err := ask.Output()
	if err != nil {
		return nil, fmt.Errorf("%s modules --ids: %w", binary, err)
	}
	return strings.Fields(string(out)), nil
}
