package process

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/redistill-go/redistill/cmd/redistill/offline"
	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/snapshot"
)

// Exit codes of the snapshot commands beside 0 and the 1 of every command that
// can't do what it was asked to.
const (
	exitUnsound    = 2 // the snapshot is damaged, or has keys that can't be loaded
	exitNoSnapshot = 3 // there is no snapshot
)

// codedError is an error that ends the process with a certain exit code.
type codedError struct {
	error
	code int
}

func (e codedError) Unwrap() error { return e.error }

const snapshotHelp = `A snapshot is named by backend and path, as in file:dump.rdb or
pebble:/var/lib/store; a path alone is enough where something is there already,
and no name at all means the one that the configuration has. What is read is
never changed. A server that runs keeps others out of its pebble store.

Exit codes: 0 done and sound; 1 the command line, the configuration or the
target of a conversion has a problem; 2 the snapshot can't be loaded: it is
damaged, unreadable, or has keys of types that this server does not have;
3 there is no snapshot.`

// newSnapshotCommand builds the commands for snapshots that no server holds.
func newSnapshotCommand(src *config.Source) *cobra.Command {
	root := &cobra.Command{Use: "snapshot", Short: "Inspect, verify or convert a snapshot", Long: snapshotHelp, Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	var o snapshotOptions
	add := func(use, short string, args cobra.PositionalArgs, run func(*cobra.Command, []string, *snapshotOptions) error) *cobra.Command {
		cmd := &cobra.Command{Use: use, Short: short, Long: short + ".\n\n" + snapshotHelp, Args: args,
			RunE: func(cmd *cobra.Command, args []string) error {
				o.src = *src
				return run(cmd, args, &o)
			}}
		cmd.Flags().BoolVar(&o.skip, "skip-unsupported", false, "leave out keys of types that this server does not have, and count them")
		root.AddCommand(cmd)
		return cmd
	}
	inspect := add("inspect [SNAPSHOT]", "Print what a snapshot holds: counts, types, sizes, expiry, largest keys", atMostOneArg, inspectSnapshot)
	inspect.Flags().BoolVar(&o.json, "json", false, "print JSON")
	inspect.Flags().IntVar(&o.largest, "largest", 10, "how many of the largest keys to print, 0 to 10000")
	add("verify [SNAPSHOT]", "Read all of a snapshot and say whether it is sound", atMostOneArg, verifySnapshot)
	convert := add("convert FROM TO", "Write a snapshot's content to another place or for another backend", twoArgs, convertSnapshot)
	convert.Flags().BoolVar(&o.overwrite, "overwrite", false, "replace what is at the target")
	return root
}

type snapshotOptions struct {
	src        config.Source
	json, skip bool
	largest    int
	overwrite  bool
}

func atMostOneArg(_ *cobra.Command, args []string) error {
	if len(args) > 1 {
		return fmt.Errorf("command line: unexpected argument %q; one snapshot at a time", args[1])
	}
	return nil
}

func twoArgs(_ *cobra.Command, args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("command line: %d arguments where two are needed, as in redistill snapshot convert dump.rdb pebble:store", len(args))
	}
	return nil
}

// openToRead builds and opens the backend of a snapshot for reading.
func (o *snapshotOptions) openToRead(ctx context.Context, name string) (place, error) {
	p, err := findPlace(o.src, name, o.skip)
	if errors.Is(err, snapshot.ErrNoSnapshot) {
		return place{}, codedError{err, exitNoSnapshot}
	}
	if err != nil {
		return place{}, err
	}
	reader, ok := p.backend.(snapshot.Reader)
	if !ok {
		return place{}, fmt.Errorf("%s: this backend can't be read without a server", p.backend.ID())
	}
	return p, coded(reader.OpenReader(ctx))
}

// coded gives an error of reading a snapshot its exit code.
func coded(err error) error {
	switch {
	case err == nil || errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, snapshot.ErrNoSnapshot):
		return codedError{err, exitNoSnapshot}
	}
	return codedError{err, exitUnsound}
}

func (o *snapshotOptions) read(cmd *cobra.Command, args []string, title string) (report *offline.Report, err error) {
	if o.largest < 0 || o.largest > 10000 {
		return nil, fmt.Errorf("command line: --largest %d is not in the range 0 to 10000", o.largest)
	}
	name := ""
	if len(args) > 0 {
		name = args[0]
	}
	p, err := o.openToRead(cmd.Context(), name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.backend.Close()) }()
	stop := offline.ShowProgress(cmd.ErrOrStderr(), title, p.backend)
	report, err = offline.Inspect(cmd.Context(), p.backend, time.Now(), o.largest)
	stop()
	if err != nil {
		return nil, coded(err)
	}
	report.Path = p.path
	return report, nil
}

func inspectSnapshot(cmd *cobra.Command, args []string, o *snapshotOptions) error {
	report, err := o.read(cmd, args, "reading")
	if err != nil {
		return err
	}
	if o.json {
		out := json.NewEncoder(cmd.OutOrStdout())
		out.SetIndent("", "  ")
		return out.Encode(report)
	}
	return report.WriteText(cmd.OutOrStdout())
}

func verifySnapshot(cmd *cobra.Command, args []string, o *snapshotOptions) error {
	report, err := o.read(cmd, args, "verifying")
	if err != nil {
		return err
	}
	skipped := ""
	if report.Skipped > 0 {
		skipped = fmt.Sprintf(", %s of types that this server does not have left out", offline.Count(report.Skipped))
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %s: sound: %s keys%s\n", report.Backend, report.Path, offline.Count(report.Keys), skipped)
	return err
}

func convertSnapshot(cmd *cobra.Command, args []string, o *snapshotOptions) (err error) {
	to, err := findPlace(o.src, args[1], false)
	if err != nil {
		return err
	}
	from, err := o.openToRead(cmd.Context(), args[0])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.backend.Close()) }()
	if err := o.mayWrite(from, to); err != nil {
		return err
	}
	if err := to.backend.Open(cmd.Context()); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.backend.Close()) }()
	stop := offline.ShowProgress(cmd.ErrOrStderr(), "converting", from.backend)
	done, err := offline.Convert(cmd.Context(), from.backend, to.backend, time.Now())
	stop()
	if err != nil {
		var unread offline.ReadError
		if errors.As(err, &unread) {
			return coded(unread.Unwrap())
		}
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %s: %s keys, %s on disk\n%s keys had expired, %s of types that this server does not have were left out\n",
		to.backend.ID(), to.path, offline.Count(done.To.Keys), offline.Bytes(done.To.Bytes), offline.Count(done.Expired), offline.Count(done.From.SkippedKeys))
	return err
}

// mayWrite refuses a target that would take the place of something.
func (o *snapshotOptions) mayWrite(from, to place) error {
	target, err := os.Stat(to.path)
	if err != nil {
		return nil // nothing there, or Open says what is wrong
	}
	if source, err := os.Stat(from.path); err == nil && os.SameFile(source, target) {
		return fmt.Errorf("snapshot: %s: would be read and written at once; name another target", to.path)
	}
	if !o.overwrite {
		return fmt.Errorf("snapshot: %s: exists already; name another target, or pass --overwrite to replace the snapshot in it", to.path)
	}
	return nil
}
