// Command builds makes every kind of build that an operator may make, and looks at
// each: every preset, every module of the tree alone with the least that it needs to
// serve, and a build by hand with nothing in it. Each must build, have the modules that
// testdata/builds.golden says, compile and link nothing that belongs to a module it has
// not, start, serve and stop.
//
// There is a build for each module and not for each set of them: what a module needs
// of others is told by the build that has it alone.
//
//	go run ./integration/builds -only '^persistence'
//	go run ./integration/builds -update
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"time"

	"github.com/redistill-go/redistill/integration/harness"
)

func main() {
	only := flag.String("only", "", "a regular expression that the names of the builds match; empty: all")
	update := flag.Bool("update", false, "write what modules the builds have to the golden file, instead of comparing it")
	golden := flag.String("golden", filepath.Join("integration", "builds", "testdata", "builds.golden"), "the golden file")
	workers := flag.Int("workers", 2, "how many builds are made at once")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *only, *golden, *update, *workers)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "builds: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, only, golden string, update bool, workers int) error {
	chosen, err := regexp.Compile(only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	dir, err := os.MkdirTemp("", "rdst")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	m := matrix{dir: dir}
	if m.builder, err = harness.NewBuilder(ctx, dir); err != nil {
		return err
	}
	if m.certs, err = harness.NewCertificates(dir); err != nil {
		return err
	}
	var list []build
	for _, b := range builds() {
		if chosen.MatchString(b.name) {
			list = append(list, b)
		}
	}
	if len(list) == 0 {
		return fmt.Errorf("-only %s: no build has such a name", only)
	}
	lists, err := m.all(ctx, list, workers)
	if err != nil {
		return err
	}
	if update && only != "" {
		return errors.New("-update needs all builds: leave -only out")
	}
	return compare(golden, list, lists, update)
}

// matrix is what the builds have in common.
type matrix struct {
	builder harness.Builder
	certs   *harness.Certificates
	dir     string // for binaries
}

// all tries the builds, some at once, and returns the modules of each. Its error has
// all that is wrong.
func (m matrix) all(ctx context.Context, list []build, workers int) ([][]harness.Module, error) {
	lists, errs := make([][]harness.Module, len(list)), make([]error, len(list))
	next := make(chan int)
	var running sync.WaitGroup
	for range workers {
		running.Go(func() {
			for i := range next {
				start := time.Now()
				if lists[i], errs[i] = m.try(ctx, list[i]); errs[i] != nil {
					errs[i] = fmt.Errorf("%s: %w", list[i].name, errs[i])
					fmt.Printf("FAIL %s\n", list[i].name)
					continue
				}
				fmt.Printf("ok   %-28s %2d modules, %.1fs\n", list[i].name, len(lists[i]), time.Since(start).Seconds())
			}
		})
	}
	for i := range list {
		next <- i
	}
	close(next)
	running.Wait()
	return lists, errors.Join(errs...)
}

// try makes one build and looks at it.
func (m matrix) try(ctx context.Context, b build) ([]harness.Module, error) {
	binary := filepath.Join(m.dir, b.name)
	defer func() { _ = os.Remove(binary) }()
	if len(b.args) == 0 {
		return m.bare(ctx, binary)
	}
	if _, err := m.builder.Build(ctx, binary, append(b.args, "--symbols")...); err != nil {
		return nil, err
	}
	modules, err := harness.Modules(ctx, binary)
	if err != nil {
		return nil, err
	}
	return modules, errors.Join(m.depends(ctx, b, modules), m.serves(ctx, b, binary, modules))
}
