package process

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/fx"

	"github.com/redistill-go/redistill/cmd/redistill/replay"
	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/module"
)

const replayHelp = `A trace is a file with one request a line, its key first, and perhaps a comma
and what is ignored; *.gz is decompressed. Of a directory, every *.txt and
*.txt.gz is replayed, beside the miss ratios in its reference.csv (columns
trace, cache_objects, policy, miss_ratio), if there is one.

Every request is a GET, every miss is followed by a SET. All values have one
size, and the memory limit is chosen so that the cache holds the given number
of objects. Parameters of policies are those of the configuration.`

// newReplayCommand builds the command that compares eviction policies.
func newReplayCommand(src *config.Source) *cobra.Command {
	var o replay.Options
	var names []string
	cmd := &cobra.Command{
		Use:   "replay TRACE|DIRECTORY",
		Short: "Replay traces of requests and print what each eviction policy misses",
		Long:  "Replay traces of requests and print what each eviction policy misses and costs.\n\n" + replayHelp,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("command line: %d arguments where one is needed, a trace or a directory", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := config.Load(*src)
			if err != nil {
				return err
			}
			if o.Policies, err = evictingPolicies(cfg, names); err != nil {
				return err
			}
			if err := findTraces(&o, args[0]); err != nil {
				return err
			}
			missed, err := replay.Compare(cmd.OutOrStdout(), o)
			if err == nil && missed > 0 {
				err = fmt.Errorf("replay: %d miss ratios are further above the reference than they may be", missed)
			}
			return err
		},
	}
	cmd.Flags().StringSliceVar(&names, "policies", nil, "policies to compare, by name (default: all of this build that evict any key)")
	cmd.Flags().IntSliceVar(&o.Sizes, "objects", nil, "how many objects the cache holds; several with commas (default: as in the reference)")
	cmd.Flags().IntVar(&o.ValueSize, "value", 0, "length of a value in bytes (default: 256 to 4096, by the number of objects)")
	cmd.Flags().DurationVar(&o.Pace, "pace", 64*time.Millisecond, "time between two requests on the clock that policies see")
	return cmd
}

// findTraces finds the traces and the reference of a file or a directory.
func findTraces(o *replay.Options, path string) (err error) {
	dir := path
	if o.Traces, err = replay.FindTraces(path); err != nil {
		if filepath.Ext(path) != ".gz" && filepath.Ext(path) != ".txt" {
			return err
		}
		o.Traces, dir = []string{path}, filepath.Dir(path)
	}
	o.Reference, err = replay.ReadReference(filepath.Join(dir, "reference.csv"))
	return err
}

// evictingPolicies are the policies of these names, or all that evict any key.
func evictingPolicies(cfg *config.Config, names []string) ([]eviction.Policy, error) {
	g, err := processGraph(cfg, module.All())
	if err != nil {
		return nil, err
	}
	var p policies
	if _, err := g.build(fx.Invoke(func(in policies) { p = in })); err != nil {
		return nil, err
	}
	if len(names) == 0 {
		for _, name := range p.All.Names() {
			if strings.HasPrefix(name, "allkeys-") {
				names = append(names, name)
			}
		}
	}
	var chosen []eviction.Policy
	for _, name := range slices.Compact(names) {
		policy, _ := p.All.Find(name)
		if policy == nil {
			return nil, fmt.Errorf("replay: this build has no policy %q that evicts; it has %s", name, strings.Join(p.All.Names(), ", "))
		}
		chosen = append(chosen, policy)
	}
	if len(chosen) == 0 {
		return nil, errors.New("replay: this build has no policy that evicts")
	}
	return chosen, nil
}
