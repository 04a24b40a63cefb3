package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/redistill-go/redistill/integration/harness"
)

type options struct {
	against string
	only    []string
	dir     string // where the scripts are
	cache   string // where the clients are installed
}

func main() {
	o := options{}
	flag.StringVar(&o.against, "against", "redistill", "server under test: redistill or redis-server")
	only := flag.String("only", "", "comma-separated names of clients; empty: all")
	flag.StringVar(&o.dir, "dir", filepath.Join("integration", "clients"), "directory of the scripts")
	flag.StringVar(&o.cache, "cache", "", "directory to install clients in; empty: one below the user's cache directory")
	flag.Parse()
	if *only != "" {
		o.only = strings.Split(*only, ",")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	passed, failed, err := run(ctx, o, log.New(os.Stdout, "", 0))
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "clients: %v\n", err)
		failed++
	}
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if failed > 0 {
		os.Exit(1)
	}
}

// run counts the checks of all chosen clients. Its error is what kept clients
// from being run at all.
func run(ctx context.Context, o options, out *log.Logger) (passed, failed int, err error) {
	clients, err := choose(o.only)
	if err != nil {
		return 0, 0, err
	}
	if o.cache == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			return 0, 0, fmt.Errorf("no place to install clients: %w; name one with -cache", err)
		}
		o.cache = filepath.Join(base, "redistill-clients")
	}
	temp, err := os.MkdirTemp("", "rdst")
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = os.RemoveAll(temp) }() // only leaves a temporary directory behind
	servers, err := newServers(ctx, o.against, temp)
	if err != nil {
		return 0, 0, err
	}
	prepared := map[string]error{}
	for _, c := range clients {
		out.Printf("== %s\n", c.name)
		if l := c.language; l != nil {
			if _, done := prepared[l.name]; !done {
				prepared[l.name] = l.prepare(ctx, o.dir, o.cache)
			}
			if err := prepared[l.name]; err != nil {
				out.Printf("not ok %s: install: %v\n", c.name, err)
				failed++
				continue
			}
		}
		p, f := c.run(ctx, servers, o.cache, out)
		passed, failed = passed+p, failed+f
		if ctx.Err() != nil {
			return passed, failed, context.Cause(ctx)
		}
	}
	return passed, failed, nil
}

// choose returns the named clients in the order of the matrix.
func choose(only []string) ([]client, error) {
	if len(only) == 0 {
		return matrix, nil
	}
	var chosen []client
	for _, c := range matrix {
		if slices.Contains(only, c.name) {
			chosen = append(chosen, c)
		}
	}
	if len(chosen) != len(only) {
		var names []string
		for _, c := range matrix {
			names = append(names, c.name)
		}
		return nil, fmt.Errorf("-only %s: the clients are %s", strings.Join(only, ","), strings.Join(names, ", "))
	}
	return chosen, nil
}

// servers starts servers of the kind under test.
type servers struct {
	against string
	binary  string
	certs   *harness.Certificates
}

func newServers(ctx context.Context, against, temp string) (*servers, error) {
	certs, err := harness.NewCertificates(temp)
	if err != nil {
		return nil, err
	}
	s := &servers{against: against, certs: certs}
	switch against {
	case "redis-server":
	case "redistill":
		if s.binary, err = harness.Build(ctx, temp); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("-against %s: use redistill or redis-server", against)
	}
	return s, nil
}

func (s *servers) start(ctx context.Context, o harness.Options) (*harness.Server, error) {
	if s.against == "redis-server" {
		return harness.StartRedis(ctx, o)
	}
	return harness.StartRedistill(ctx, s.binary, o)
}
