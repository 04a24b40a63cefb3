package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// goTool runs the go command.
type goTool struct {
	dir string   // where; "": in the working directory
	env []string // beside the program's own environment
}

func (g goTool) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = g.dir
	// A workspace of the user's, or flags for his own builds, are none of ours.
	cmd.Env = append(os.Environ(), append([]string{"GOWORK=off", "CGO_ENABLED=0", "GOFLAGS=-mod=mod"}, g.env...)...)
	return cmd
}

// output runs the go command and returns what it prints. Its error has what it
// complained of.
func (g goTool) output(ctx context.Context, args ...string) ([]byte, error) {
	cmd := g.command(ctx, args...)
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	if err := cmd.Run(); err != nil {
		return nil, goError(args, err, complaints.String())
	}
	return out.Bytes(), nil
}

func goError(args []string, err error, complaints string) error {
	if errors.Is(err, exec.ErrNotFound) {
		return errors.New("there is no go command; install Go from https://go.dev/dl and put it into the PATH")
	}
	return fmt.Errorf("go %s: %w: %s", strings.Join(args[:min(2, len(args))], " "), err, strings.TrimSpace(complaints))
}
