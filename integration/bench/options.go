package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

type options struct {
	rounds      int
	duration    time.Duration
	warmup      time.Duration
	connections int
	keys        int
	value       int
	memoryKeys  int
	hashes      int
	fields      int
	unix        bool
	generator   string
	binary      string
	only        []string
	set         []string
}

// memoryScenario is the name of the memory measurement for -only, beside those
// of hashes and of loads.
const memoryScenario = "memory"

func parseFlags(args []string, out io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(out)
	f.IntVar(&o.rounds, "rounds", 3, "measurements of each scenario and server")
	f.DurationVar(&o.duration, "duration", 5*time.Second, "how long one measurement takes")
	f.DurationVar(&o.warmup, "warmup", 500*time.Millisecond, "load before each measurement that does not count")
	f.IntVar(&o.connections, "connections", 40, "connections to the server")
	f.IntVar(&o.keys, "keys", 1_000_000, "keys that are preloaded and then used at random")
	f.IntVar(&o.value, "value", 256, "bytes in a value")
	f.IntVar(&o.memoryKeys, "memory-keys", 3_000_000, "keys in the memory scenario")
	f.IntVar(&o.hashes, "hashes", 100_000, "hashes in the scenario of their memory")
	f.IntVar(&o.fields, "fields", 1_000_000, "fields that the growing hash gets")
	f.BoolVar(&o.unix, "unix", false, "use a unix socket in place of TCP on the loopback")
	f.StringVar(&o.generator, "generator", "builtin", "load generator: builtin or redis-benchmark")
	f.StringVar(&o.binary, "binary", "", "redistill binary to measure (default: built from this tree)")
	f.Func("only", "comma-separated scenarios out of "+strings.Join(scenarioNames(), ","), func(s string) error {
		for name := range strings.SplitSeq(s, ",") {
			if !slices.Contains(scenarioNames(), name) {
				return fmt.Errorf("no scenario %q", name)
			}
			o.only = append(o.only, name)
		}
		return nil
	})
	f.Func("set", "section.key=value for redistill; may be repeated", func(s string) error {
		o.set = append(o.set, s)
		return nil
	})
	if err := f.Parse(args); err != nil {
		return o, err
	}
	err := o.check(f.Args())
	if err != nil {
		_, _ = fmt.Fprintf(out, "bench: %v\n", err)
	}
	return o, err
}

func (o *options) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %q", rest[0])
	case o.rounds < 1 || o.connections < 1 || o.keys < 1 || o.memoryKeys < 1 || o.hashes < 1 || o.fields < 1 || o.duration <= 0 || o.warmup < 0:
		return errors.New("rounds, connections, keys, hashes, fields and duration must be positive")
	case o.keys > maxKeys || o.memoryKeys > maxKeys:
		return fmt.Errorf("at most %d keys", maxKeys)
	case o.value < 1 || o.value > maxValue:
		return fmt.Errorf("a value has 1 to %d bytes", maxValue)
	case o.generator != "builtin" && o.generator != "redis-benchmark":
		return fmt.Errorf("no generator %q; use builtin or redis-benchmark", o.generator)
	}
	return nil
}

func (o *options) wants(scenario string) bool {
	return len(o.only) == 0 || slices.Contains(o.only, scenario)
}
