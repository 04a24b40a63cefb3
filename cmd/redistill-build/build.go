package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// options are how to build.
type options struct {
	output string
	source string // see findSource
	cpu    string // "" or v1 to v4
	keep   bool   // leave names and line numbers in, for debuggers
}

// target is the processor to build for, as the go command takes it.
func (o options) target() ([]string, error) {
	if o.cpu == "" {
		return nil, nil
	}
	if runtime.GOARCH != "amd64" {
		return nil, fmt.Errorf("--cpu: levels such as %q are of amd64, and this is %s", o.cpu, runtime.GOARCH)
	}
	if !slices.Contains([]string{"v1", "v2", "v3", "v4"}, o.cpu) {
		return nil, fmt.Errorf("--cpu: there is no level %q; the levels are v1, v2, v3 (processors from about 2015 on) and v4", o.cpu)
	}
	return []string{"GOAMD64=" + o.cpu}, nil
}

// prepare writes the workspace of a selection, and finds out which packages are to be
// compiled. The caller removes it.
func prepare(ctx context.Context, s selection, o options, progress io.Writer) (w workspace, src source, packages []dependency, err error) {
	env, err := o.target()
	if err != nil {
		return w, src, nil, err
	}
	if src, err = findSource(ctx, o.source); err != nil {
		return w, src, nil, err
	}
	_, _ = fmt.Fprintf(progress, "resolving %d modules\n", len(s.tree)+len(s.foreign))
	if w, err = newWorkspace(ctx, src, s); err != nil {
		return w, src, nil, err
	}
	w.env = env
	if packages, err = w.trim(ctx); err != nil {
		w.remove()
	}
	return w, src, packages, err
}

// packagesOf are the import paths of all packages that a build would compile, sorted:
// the server's own, those it depends on, and those of Go. It compiles none of them.
func packagesOf(ctx context.Context, s selection, o options, progress io.Writer) ([]string, error) {
	w, _, packages, err := prepare(ctx, s, o, progress)
	if err != nil {
		return nil, err
	}
	defer w.remove()
	var paths []string
	for _, p := range packages {
		paths = append(paths, p.ImportPath)
	}
	slices.Sort(paths)
	return paths, nil
}

// build compiles the selection, makes sure that the binary has exactly what was asked
// for, and returns what is in it. progress is told of each step.
func build(ctx context.Context, s selection, o options, progress io.Writer) ([]added, error) {
	output, err := filepath.Abs(o.output)
	if err != nil {
		return nil, fmt.Errorf("--output: %w", err)
	}
	w, src, packages, err := prepare(ctx, s, o, progress)
	if err != nil {
		return nil, err
	}
	defer w.remove()
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(progress, format+"\n", args...) }
	say("compiling %d packages", len(packages))
	whole := filepath.Join(w.dir, "whole")
	if err := w.compile(ctx, whole, src, nil, len(packages), progress); err != nil {
		return nil, err
	}
	got, err := modulesOf(ctx, whole)
	if err != nil {
		return nil, err
	}
	if err := verify(s, got); err != nil {
		return nil, err
	}
	list, err := w.weigh(ctx, whole, got)
	if err != nil {
		return nil, err
	}
	if o.keep {
		return list, install(whole, output)
	}
	say("linking")
	small := filepath.Join(w.dir, "small")
	if err := w.compile(ctx, small, src, []string{"-s", "-w"}, 0, io.Discard); err != nil {
		return nil, err
	}
	return list, install(small, output)
}

// compile builds the workspace, which reports every package.
func (w workspace) compile(ctx context.Context, output string, src source, link []string, total int, progress io.Writer) error {
	if commit := src.revision(ctx); commit != "" {
		link = append(link, "-X", root+"/cmd/redistill/process.stampedCommit="+commit)
	}
	args := []string{"build", "-v", "-trimpath", "-ldflags", strings.Join(link, " "), "-o", output, "."}
	cmd := w.command(ctx, args...)
	pipe, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return goError(args, err, "")
	}
	var complaints []string
	done := 0
	lines := bufio.NewScanner(pipe)
	for lines.Scan() {
		if l := lines.Text(); strings.HasPrefix(l, "#") || strings.ContainsAny(l, " :") {
			complaints = append(complaints, l)
			continue
		}
		if done++; done%25 == 0 && total > 0 {
			_, _ = fmt.Fprintf(progress, "  %d of %d at most\n", done, total)
		}
	}
	if err := errors.Join(lines.Err(), cmd.Wait()); err != nil {
		return goError(args, err, strings.Join(complaints, "\n"))
	}
	return nil
}

// install puts the binary in its place in one step: whoever runs the old one goes on.
func install(binary, output string) error {
	if info, err := os.Stat(output); err == nil && info.IsDir() {
		return fmt.Errorf("--output: %s is a directory; name the file, as in %s", output, filepath.Join(output, "redistill"))
	}
	from, err := os.Open(binary)
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }()
	to, err := os.CreateTemp(filepath.Dir(output), ".redistill-build")
	if err != nil {
		return fmt.Errorf("--output: %w", err)
	}
	defer func() { _ = os.Remove(to.Name()) }()
	_, err = io.Copy(to, from)
	if err := errors.Join(err, to.Chmod(0o755), to.Close()); err != nil {
		return fmt.Errorf("--output: %w", err)
	}
	return os.Rename(to.Name(), output)
}
