// Command membench shows whether memory.max bounds what the server really
// holds, and what that costs. It starts the redistill binary of this tree, loads
// it, and prints what it measured beside the bars that the project sets itself:
//
//   - churn: four times memory.max is written, in values of 16 B to 64 KiB, and
//     then more in sizes that shift; resident memory stays under memory.max plus
//     10 % plus 16 MiB, and used memory within 95 to 100 % once it is full;
//   - cost: a SET that evicts costs at most 1.5 times the cpu of one that
//     does not, and no command waits longer than 2 ms for eviction or compaction;
//   - expiry: while a million keys expire within a second, the p99 of GETs is at
//     most twice what it was, and 90 % of their memory is free ten seconds later
//     though no client touches them;
//   - clients: thousands of clients that send half a request, ask for much and
//     don't read it, or send what becomes large, beside one that behaves: no key
//     is evicted and no write refused for them, resident memory stays under the
//     same bound plus server.client_memory and is back two seconds after they
//     left, and the p99 of the one that behaves is at most three times what it is
//     without them. Beside it, what redis-server does, and the servers in the
//     directory that -peers or PEERS names.
//
// It judges nothing beyond printing "met" or "MISSED": it exits 0 whatever the
// figures say. It needs Linux, since resident memory and cpu come from /proc.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/redistill-go/redistill/integration/harness"
	"github.com/redistill-go/redistill/integration/hostile"
	"github.com/redistill-go/redistill/integration/measure"
)

// goodClient is the argument with which this program is the good client of another
// one: see hostile.Behave.
const goodClient = "good-client"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(os.Args) == 2 && os.Args[1] == goodClient {
		if err := hostile.Behave(ctx, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintf(os.Stderr, "membench: %v\n", err)
			os.Exit(1)
		}
		return
	}
	o, err := parseFlags(os.Args[1:], os.Stderr)
	if err != nil {
		os.Exit(2) // the flag package has said why
	}
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintf(os.Stderr, "membench: %v\n", err)
		os.Exit(1)
	}
	o.good = []string{self, goodClient}
	if err := run(ctx, o, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "membench: %v\n", err)
		os.Exit(1)
	}
}

// bench is one run.
type bench struct {
	options
	binary string
	out    io.Writer
	apart  *measure.Apart // nil: the server shares all processors with the load
}

func run(ctx context.Context, o options, out io.Writer) error {
	b := &bench{options: o, binary: o.binary, out: out}
	if b.binary == "" {
		dir, err := os.MkdirTemp("", "rdst")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(dir) }() // a temporary directory
		building, cancel := context.WithTimeout(ctx, 10*time.Minute)
		defer cancel()
		if b.binary, err = harness.Build(building, dir); err != nil {
			return err
		}
	}
	if err := b.choosePolicies(ctx); err != nil {
		return err
	}
	if o.apart {
		var err error
		if b.apart, err = measure.NewApart(); err != nil {
			return err
		}
	}
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
	{"churn", (*bench).measureChurn},
	{"cost", (*bench).measureCost},
	{"expiry", (*bench).measureExpiry},
	{"clients", (*bench).measureClients},
}

// start starts a server with a policy and a limit in bytes; 0: none.
func (b *bench) start(ctx context.Context, policy string, limit int64) (*harness.Server, error) {
	set := []string{"memory.eviction=" + policy, fmt.Sprintf("memory.max=%d", limit)}
	return b.launch(func() (*harness.Server, error) {
		return harness.StartRedistill(ctx, b.binary, harness.Options{Set: append(set, b.set...)})
	})
}

// launch starts a server where it is to run.
func (b *bench) launch(start func() (*harness.Server, error)) (s *harness.Server, err error) {
	if b.apart == nil {
		return start()
	}
	err = b.apart.Start(func() (err error) {
		s, err = start()
		return err
	})
	return s, err
}

// print adds to the tables.
func (b *bench) print(format string, args ...any) {
	_, _ = fmt.Fprintf(b.out, format, args...) // there is nobody else to tell
}
