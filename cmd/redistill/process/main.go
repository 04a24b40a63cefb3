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
	"github.com/redistill-go/redistill/core/module"
)

// Main is the process: it reads os.Args and the environment, handles signals, and
// returns the exit code. known are the modules that a build can have, from which
// those that were left out are told from those that don't exist; nil will do. foreign
// says of the packages from elsewhere that came from a directory which one it was, as
// in example.org/policy=/src/policy: errors tell how to build a server with more in it.
//
// It takes over what belongs to the process as a whole, which is the default logger,
// signals and Go's collector, and is called once.
func Main(known []config.Known, foreign ...string) int {
	signal.Ignore(syscall.SIGHUP)
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	src := config.Source{Environ: os.Environ(), Known: known, Foreign: origins(module.All(), foreign)}
	return run(context.Background(), src, signals, os.Args[1:], os.Stdout, os.Stderr)
}

// run is the process without its globals: it returns the exit code. The process
// is to end when ctx does; signals ask it to stop.
func run(ctx context.Context, src config.Source, signals <-chan os.Signal, args []string, stdout, stderr io.Writer) int {
	cmd := newCommand(src, signals)
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
