// Command redistill-build builds a redistill that has only the modules an
// operator asks for.
//
//	redistill-build --with transport.tcp,eviction --output ./redistill
//
// A name is a module's ID or a kind, which stands for all modules of it. Go
// accepts unknown build tags silently, so names are checked against the
// catalogue before the build, and the finished binary is asked afterwards what
// it really has. It runs inside the source tree and calls the go command.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/spf13/cobra"

	"github.com/redistill-go/redistill/modules/catalogue"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	if err := newCommand().ExecuteContext(ctx); err != nil {
		fmt.Fprintf(os.Stderr, "redistill-build: %s\n", strings.ReplaceAll(err.Error(), "\n", "; "))
		os.Exit(1)
	}
}

func newCommand() *cobra.Command {
	var with []string
	var output string
	var list bool
	cmd := &cobra.Command{
		Use:           "redistill-build",
		Short:         "Build a redistill with only some modules",
		Example:       "  redistill-build --with transport.tcp,eviction --output ./redistill",
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if list {
				return printCatalogue(cmd.OutOrStdout())
			}
			s, err := choose(with, catalogue.Tree)
			if err != nil {
				return err
			}
			if err := build(cmd.Context(), s, output); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "built %s with %s\n", output, strings.Join(s.ids, ", "))
			return err
		},
	}
	cmd.Flags().StringSliceVar(&with, "with", nil, "modules and kinds of modules, separated by commas")
	cmd.Flags().StringVarP(&output, "output", "o", "redistill", "path of the binary")
	cmd.Flags().BoolVar(&list, "list", false, "list the modules there are")
	return cmd
}

func printCatalogue(w io.Writer) error {
	for _, k := range catalogue.Tree {
		if _, err := fmt.Fprintln(w, k.ID); err != nil {
			return err
		}
	}
	return nil
}
