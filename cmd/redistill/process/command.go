package process

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/redistill-go/redistill/cmd/redistill/manual"
	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/module"
)

// newCommand builds the command line.
func newCommand(src config.Source, signals <-chan os.Signal) *cobra.Command {
	src.Modules = module.All()
	// withConfig runs f with the configuration that flags and environment give.
	withConfig := func(f func(*cobra.Command, *config.Config) error) func(*cobra.Command, []string) error {
		return func(cmd *cobra.Command, _ []string) error {
			cfg, err := config.Load(src)
			if err != nil {
				return err
			}
			return f(cmd, cfg)
		}
	}
	start := withConfig(func(cmd *cobra.Command, cfg *config.Config) error {
		return serve(cmd.Context(), signals, cfg, cmd.ErrOrStderr())
	})

	root := &cobra.Command{
		Use:   "redistill",
		Short: "A Redis-compatible in-memory cache",
		Long:  "Redistill is a Redis-compatible in-memory cache. Without a command it serves.",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if asked, _ := cmd.Flags().GetBool("version"); asked {
				return printVersion(cmd, args)
			}
			return start(cmd, args)
		},
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.PersistentFlags().StringVarP(&src.File, "config", "c", "", "TOML file with the configuration (default: the path in REDISTILL_CONFIG, else none)")
	root.PersistentFlags().StringArrayVarP(&src.Set, "set", "s", nil, "override one key, as in memory.max=2gb; may be repeated")
	// Not cobra's own, whose template would keep the linker from leaving methods out.
	root.Flags().Bool("version", false, "print the version")
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		// A script whose variable is empty means some file, not the defaults.
		if cmd.Flags().Changed("config") && src.File == "" {
			return errors.New("command line: --config is empty; name a file, or leave it out to go without one")
		}
		return nil
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return fmt.Errorf("command line: %w; see redistill --help", err)
	})
	add := func(use, short string, runE func(*cobra.Command, []string) error) *cobra.Command {
		cmd := &cobra.Command{Use: use, Short: short, Args: noArgs, RunE: runE}
		root.AddCommand(cmd)
		return cmd
	}
	add("serve", "Serve until SIGINT or SIGTERM (the default command)", start)
	add("check", "Check the configuration and report every problem", withConfig(check))
	add("graph", "Print how this configuration wires the process, in DOT", withConfig(printGraph))
	add("config", "Print every key with its meaning and its default, as TOML", printReference)
	add("version", "Print the version, and the modules with theirs", printVersion)
	modules := add("modules", "List the modules of this build", func(cmd *cobra.Command, _ []string) error { return printModules(cmd, src) })
	modules.Flags().Bool("ids", false, "print the IDs alone, one a line")
	modules.Flags().Bool("json", false, "print all that is known of them, as JSON")
	root.AddCommand(newSnapshotCommand(&src))
	root.AddCommand(newReplayCommand(&src))
	for _, topic := range manual.Topics() {
		root.AddCommand(&cobra.Command{Use: topic.Name, Short: topic.Title, Long: topic.Text})
	}
	for _, cmd := range root.Commands() {
		if cmd.Name() != "serve" && cmd.Runnable() {
			interruptible(cmd, signals)
		}
	}
	return root
}

// noArgs refuses arguments; for the root command they are unknown commands.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	if near, ok := config.Nearest(args[0], names); ok {
		return fmt.Errorf("command line: there is no command %q; did you mean %s?", args[0], near)
	}
	return fmt.Errorf("command line: unexpected argument %q; see redistill --help", args[0])
}

// problemLines takes an error apart into the lines to print.
func problemLines(err error) []string {
	var problems config.Problems
	if !errors.As(err, &problems) {
		return []string{oneLine(err.Error())}
	}
	lines := make([]string, len(problems))
	for i, p := range problems {
		lines[i] = p.String()
	}
	return lines
}
