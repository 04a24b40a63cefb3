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
	only     []string
	variants []string
	kinds    []string
	set      []string
	binary   string
	dir      string
	keys     int
	value    int
	rounds   int
	rate     int
	calm     time.Duration
}

// maxValue is so small that some requests always fit the socket buffers.
const (
	maxKeys  = 100_000_000
	maxValue = 8 << 10
)

func parseFlags(args []string, out io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("persistbench", flag.ContinueOnError)
	f.SetOutput(out)
	list := func(name string, to *[]string, of []string) {
		f.Func(name, "comma-separated list out of "+strings.Join(of, ",")+" (default: all)", func(s string) error {
			for v := range strings.SplitSeq(s, ",") {
				if !slices.Contains(of, v) {
					return fmt.Errorf("there is no %q", v)
				}
				*to = append(*to, v)
			}
			return nil
		})
	}
	list("only", &o.only, names(scenarios, func(s scenario) string { return s.name }))
	list("variants", &o.variants, names(variants, func(v variant) string { return v.name }))
	list("values", &o.kinds, kinds)
	f.Func("set", "section.key=value for redistill; may be repeated", func(s string) error {
		o.set = append(o.set, s)
		return nil
	})
	f.StringVar(&o.binary, "binary", "", "redistill binary to measure (default: built from this tree), or "+itself+" to compare that with itself")
	f.StringVar(&o.dir, "dir", "", "where to make the directory for snapshots (default: the system's temporary directory)")
	f.IntVar(&o.keys, "keys", 3_000_000, "keys in the servers")
	f.IntVar(&o.value, "value", 256, "bytes in a value")
	f.IntVar(&o.rounds, "rounds", 3, "rounds of each measurement")
	f.IntVar(&o.rate, "rate", 50_000, "stall: requests per second, half of them GETs and half SETs")
	f.DurationVar(&o.calm, "calm", 4*time.Second, "stall: how long the load runs without BGSAVE")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	err := o.check(f.Args())
	if err != nil {
		_, _ = fmt.Fprintf(out, "persistbench: %v\n", err)
	}
	return o, err
}

func (o *options) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %q", rest[0])
	case o.keys < 100 || o.keys > maxKeys:
		return fmt.Errorf("100 to %d keys", maxKeys)
	case o.value < 1 || o.value > maxValue:
		return fmt.Errorf("a value has 1 to %d bytes", maxValue)
	case o.rounds < 1 || o.rate < 1 || o.calm <= 0:
		return errors.New("rounds, rate and calm must be positive")
	}
	return nil
}

func (o *options) wants(scenario string) bool { return chosen(o.only, scenario) }

// chosen says whether a list has the name; an empty one has all.
func chosen(list []string, name string) bool { return len(list) == 0 || slices.Contains(list, name) }

func names[T any](of []T, name func(T) string) []string {
	all := make([]string, len(of))
	for i, v := range of {
		all[i] = name(v)
	}
	return all
}
