// Command redistill is the cache server and the means to look at one: what it
// is built from, whether a configuration is sound, how it is wired.
//
// This package composes. It names no concrete module: those of this build
// register themselves through modules/all. The configuration is read and
// judged before anything is built; building opens nothing; starting does, step
// by step, and stopping undoes the steps in reverse.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	_ "github.com/redistill-go/redistill/modules/all"
)

func main() {
	signal.Ignore(syscall.SIGHUP)
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	os.Exit(run(context.Background(), signals, os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// run is the process without its globals: it returns the exit code. The process
// is to end when ctx does; signals ask it to stop.
func run(ctx context.Context, signals <-chan os.Signal, args, environ []string, stdout, stderr io.Writer) int {
	cmd := newCommand(environ, signals)
	cmd.SetArgs(args)
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	if err := cmd.ExecuteContext(ctx); err != nil {
		report(stderr, err)
		if coded, ok := errors.AsType[codedError](err); ok {
			return coded.code
		}
		return 1
	}
	return 0
}

// report prints one line for each problem of a configuration and a single line
// for any other error.
func report(w io.Writer, err error) {
	for _, line := range problemLines(err) {
		_, _ = fmt.Fprintf(w, "redistill: %s\n", line)
	}
}

// oneLine joins the lines of an error that several errors were joined to.
func oneLine(s string) string {
	return strings.ReplaceAll(strings.TrimSpace(s), "\n", "; ")
}
