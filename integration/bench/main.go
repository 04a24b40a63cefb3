// Command bench compares the redistill binary of this tree with redis-server,
// both started by it, under the same load in one run, and prints medians and
// ratios. It judges nothing: it exits 0 whatever the figures say.
//
// The servers take turns (A B A B ...), so that drift of the machine hits both,
// and a ratio is always taken between two neighbouring measurements. The
// figure to trust is the server's own cpu time per operation: throughput and
// latency also depend on the load generator, which shares the machine.
//
// It needs Linux: process figures come from /proc, and the generator is built
// on epoll.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	o, err := parseFlags(os.Args[1:], os.Stderr)
	if err != nil {
		os.Exit(2) // the flag package has said why
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}
