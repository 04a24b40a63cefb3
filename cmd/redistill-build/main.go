// Command redistill-build builds a redistill that has exactly the modules an operator
// asks for: those of the tree, and packages of other people.
//
//	redistill-build --preset minimal --with transport.tls --output ./redistill
//	redistill-build --only transport.tcp,commands,eviction.allkeys-lru
//	redistill-build --with example.org/policy@v1.2.3 --with example.org/backend=../backend
//	redistill-build --from-config redistill.toml
//
// It writes a small main module that imports what was chosen, lets the go command
// build it, and asks the binary what it really has. It needs Go and a module proxy,
// and nothing else. Names are checked before it builds.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/redistill-go/redistill/modules/catalogue"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	if err := newCommand().ExecuteContext(ctx); err != nil {
		for line := range strings.Lines(err.Error()) {
			fmt.Fprintf(os.Stderr, "redistill-build: %s\n", strings.TrimRight(line, "\n"))
		}
		os.Exit(1)
	}
}

func newCommand() *cobra.Command {
	var r request
	var o options
	var list, packages bool
	cmd := &cobra.Command{
		Use:   "redistill-build",
		Short: "Build a redistill with the modules that you choose",
		Example: `  redistill-build --preset minimal --with transport.tls
  redistill-build --only transport.tcp,commands,eviction.allkeys-lru
  redistill-build --with example.org/policy@v1.2.3 --with example.org/backend=../backend
  redistill-build --from-config redistill.toml --cpu v3`,
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if list {
				return printCatalogue(cmd.OutOrStdout())
			}
			s, err := choose(r, catalogue.Tree)
			if err != nil {
				return err
			}
			if packages {
				return printPackages(cmd, s, o)
			}
			modules, err := build(cmd.Context(), s, o, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			return printBuilt(cmd.OutOrStdout(), o.output, modules)
		},
	}
	f := cmd.Flags()
	r.flags(cmd)
	f.StringVarP(&o.output, "output", "o", "redistill", "path of the binary")
	f.StringVar(&o.source, "source", "", "the server's source tree (default: the one around the working directory, else the released version of this program)")
	f.StringVar(&o.cpu, "cpu", "", "level of the processor it may be run on, v1 to v4 (amd64 only; default v1)")
	f.BoolVar(&o.keep, "symbols", false, "leave names and line numbers in, for debuggers")
	f.BoolVar(&packages, "packages", false, "list all packages that would be compiled, and build nothing")
	f.BoolVar(&list, "list", false, "list the modules of the tree")
	return cmd
}

// flags are those that say what the binary is to have.
func (r *request) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&r.preset, "preset", "", "begin with a set: minimal (TCP, LRU, strings and keys), cache (all but snapshots) or full (the default)")
	f.StringSliceVar(&r.only, "only", nil, "begin with these modules and kinds of modules of the tree, separated by commas")
	f.StringVar(&r.file, "from-config", "", "begin with what this configuration file needs")
	f.StringSliceVar(&r.with, "with", nil, "add modules and kinds of modules, and packages from elsewhere: path@version or path=directory")
	f.StringSliceVar(&r.without, "without", nil, "leave modules and kinds of modules of the tree out")
}

func printCatalogue(w io.Writer) error {
	for _, k := range catalogue.Tree {
		if _, err := fmt.Fprintln(w, k.ID); err != nil {
			return err
		}
	}
	return nil
}

func printPackages(cmd *cobra.Command, s selection, o options) error {
	paths, err := packagesOf(cmd.Context(), s, o, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), strings.Join(paths, "\n"))
	return err
}

// printBuilt says what the binary is and what is in it.
func printBuilt(w io.Writer, output string, modules []added) error {
	info, err := os.Stat(output)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "built %s, %.1f MB, with %d modules; about what each of them added:\n", output, mb(info.Size()), len(modules)); err != nil {
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, m := range modules {
		_, _ = fmt.Fprintf(t, "  %s\t%.2f MB\t%s %s\n", m.ID, mb(m.bytes), m.Package, m.Version) // errors stick until Flush
	}
	return t.Flush()
}

func mb(n int64) float64 { return float64(n) / 1e6 }
