package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/redistill-go/redistill/core/config"
)

// Main is the process: it reads os.Args and the environment, handles signals, and
// returns the exit code. known are the modules that a build can have, from which
// those that were left out are told from those that don't exist; nil will do.
//
// It takes over what belongs to the process as a whole, which is the default logger,
// signals and Go's collector, and is called once.
func Main(known []config.Known) int {
	signal.Ignore(syscall.SIGHUP)
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	return run(context.Background(), known, signals, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
}

// run is the process without its globals: it returns the exit code. The process
// is to end when ctx does; signals ask it to stop.
func run(ctx context.Context, known []config.Known, signals <-chan os.Signal, args, environ []string, stdout, stderr io.Writer) int {
	cmd := newCommand(known, environ, signals)
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
