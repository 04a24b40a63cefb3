// Command persistbench shows what snapshots take and what they cost. It starts
// the redistill binary of this tree and redis-server in turns, with the same
// keys, and prints what it measured beside the bars that the project sets
// itself:
//
//   - save: BGSAVE takes at most half of redis-server's time, and a start that
//     loads the snapshot at most 0.6 of it, with values that compress and with
//     values that do not, with compression and without;
//   - stall: the p99 of a paced load of GETs and SETs is during BGSAVE at most
//     twice what it is without, and memory grows by at most the entries that are
//     overwritten meanwhile and 32 MiB;
//   - increments: a snapshot of the pebble backend after 1 % of the keys changed
//     writes at most 5 % of the bytes of the first;
//   - writes: what SETs cost with a backend, while it is idle, beside what they
//     cost without one.
//
// It judges nothing beyond printing "met" or "MISSED": it exits 0 whatever the
// figures say. It needs Linux: process figures come from /proc, and the load is
// built on epoll.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/redistill-go/redistill/integration/harness"
)

func main() {
	o, err := parseFlags(os.Args[1:], os.Stderr)
	if err != nil {
		os.Exit(2) // the flag package has said why
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintf(os.Stderr, "persistbench: %v\n", err)
		os.Exit(1)
	}
}

// bench is one run.
type bench struct {
	options
	dir      string // for snapshots
	out      io.Writer
	progress io.Writer
}

func run(ctx context.Context, o options, out, progress io.Writer) error {
	dir, err := os.MkdirTemp(o.dir, "rdst")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary directory
	b := &bench{options: o, dir: dir, out: out, progress: progress}
	if b.binary == "" {
		building, cancel := context.WithTimeout(ctx, 10*time.Minute)
		defer cancel()
		if b.binary, err = harness.Build(building, dir); err != nil {
			return err
		}
	}
	b.print("%d keys, %d-byte values, %d rounds; medians, and ratios round by round. text compresses, random does not.\n", b.keys, b.value, b.rounds)
	for _, s := range scenarios {
		if !b.wants(s.name) {
			continue
		}
		if err := s.measure(b, ctx); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// scenario is a measurement that -only can choose.
type scenario struct {
	name    string
	measure func(*bench, context.Context) error
}

var scenarios = []scenario{
	{"save", (*bench).measureSaves},
	{"stall", (*bench).measureStalls},
	{"increments", (*bench).measureIncrements},
	{"writes", (*bench).measureWrites},
}

// freshDir makes an empty directory for the snapshots of one server.
func (b *bench) freshDir(name string) (string, error) {
	dir := filepath.Join(b.dir, name)
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	return dir, os.Mkdir(dir, 0o700)
}

func (b *bench) print(format string, args ...any) {
	_, _ = fmt.Fprintf(b.out, format, args...) // there is nobody else to tell
}

func (b *bench) say(format string, args ...any) {
	_, _ = fmt.Fprintf(b.progress, format+"\n", args...) // progress only
}
