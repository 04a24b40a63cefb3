package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/integration/harness"
)

type options struct {
	limits   []int64
	policies []string
	only     []string
	set      []string
	binary   string
	writers  int
	times    float64
	shift    float64
	rounds   int
	sets     int
	keys     int
	rate     int
	apart    bool
	peers    string
	alone    bool
	chosen   []string
	hold     time.Duration
	shrink   int
	good     []string // the program of the good client; empty: it is one of this process
}

func parseFlags(args []string, out io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("membench", flag.ContinueOnError)
	f.SetOutput(out)
	f.Func("limit", "comma-separated values of memory.max (default 64mb,256mb,1gb)", func(s string) error {
		for text := range strings.SplitSeq(s, ",") {
			var size config.Size
			if err := size.UnmarshalText([]byte(text)); err != nil {
				return err
			}
			o.limits = append(o.limits, int64(size))
		}
		return nil
	})
	f.Func("policies", "comma-separated eviction policies (default: all of the binary)", func(s string) error {
		o.policies = append(o.policies, strings.Split(s, ",")...)
		return nil
	})
	f.Func("only", "comma-separated scenarios out of churn,cost,expiry,clients", func(s string) error {
		for name := range strings.SplitSeq(s, ",") {
			if !slices.ContainsFunc(scenarios, func(sc scenario) bool { return sc.name == name }) {
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
	f.StringVar(&o.binary, "binary", "", "redistill binary to measure (default: built from this tree)")
	f.IntVar(&o.writers, "writers", 4, "connections that write")
	f.Float64Var(&o.times, "times", 4, "churn: how many times memory.max is written with mixed sizes")
	f.Float64Var(&o.shift, "shift", 1.5, "churn: the same for each of the phases after that; 0: none")
	f.IntVar(&o.rounds, "rounds", 3, "cost: rounds of each measurement")
	f.IntVar(&o.sets, "sets", 1_000_000, "cost: SETs of 256 bytes in one round")
	f.IntVar(&o.keys, "keys", 1_000_000, "expiry: keys that expire within a second")
	f.IntVar(&o.rate, "rate", 10_000, "expiry: GETs per second")
	f.StringVar(&o.peers, "peers", os.Getenv(harness.PeersVariable), "clients: directory with run-redis-server and run-valkey-server to attack as well")
	f.BoolVar(&o.alone, "alone", false, "clients: attack no other server than redistill")
	f.Func("attack", "clients: comma-separated attacks (default: all)", func(s string) error {
		o.chosen = append(o.chosen, strings.Split(s, ",")...)
		return nil
	})
	f.DurationVar(&o.hold, "hold", 2*time.Second, "clients: how long the good client is measured alone, and attacks last")
	f.IntVar(&o.shrink, "shrink", 1, "clients: divide the number of clients, keys and bytes, to try the tool itself")
	f.BoolVar(&o.apart, "apart", false, "give the server processors of its own, half of all: it then waits for no time slice that the load has")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if len(o.limits) == 0 {
		o.limits = []int64{64 << 20, 256 << 20, 1 << 30}
	}
	err := o.check(f.Args())
	if err != nil {
		_, _ = fmt.Fprintf(out, "membench: %v\n", err)
	}
	return o, err
}

func (o *options) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %q", rest[0])
	case o.writers < 1 || o.rounds < 1 || o.sets < 1 || o.keys < 1 || o.rate < 1 || o.times <= 0 || o.shift < 0:
		return errors.New("writers, rounds, sets, keys, rate and times must be positive")
	case o.hold < 0 || o.shrink < 1:
		return errors.New("hold must not be negative, and shrink must be positive")
	case slices.Min(o.limits) < 16<<20:
		return errors.New("a limit is at least 16mb")
	}
	return nil
}

func (o *options) wants(scenario string) bool {
	return len(o.only) == 0 || slices.Contains(o.only, scenario)
}

// choosePolicies asks the binary which policies it has.
func (b *bench) choosePolicies(ctx context.Context) error {
	out, err := exec.CommandContext(ctx, b.binary, "modules").Output()
	if err != nil {
		return fmt.Errorf("asking %s for its modules: %w", b.binary, err)
	}
	var have []string
	for line := range strings.Lines(string(out)) {
		if name, ok := strings.CutPrefix(line, "eviction."); ok {
			have = append(have, strings.Fields(name)[0])
		}
	}
	for _, p := range b.policies {
		if !slices.Contains(have, p) {
			return fmt.Errorf("the binary has no policy %q, only %s", p, strings.Join(have, ", "))
		}
	}
	if len(b.policies) == 0 {
		b.policies = have
	}
	return nil
}
