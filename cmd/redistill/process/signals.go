package process

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/redistill-go/redistill/core/command"
)

// hear stops the process when a signal asks for it, until done is closed. Process
// managers, and timeout, send SIGTERM again and again, which must not cost the
// last snapshot: it insists only after the grace. SIGINT is a person who insists.
func (s *stops) hear(signals <-chan os.Signal, grace time.Duration, done <-chan struct{}, exit func()) {
	for {
		var heard os.Signal
		select {
		case <-done:
			return
		case heard = <-signals:
		}
		begun, under := s.since()
		switch {
		case !under:
			slog.Info("asked to stop", "signal", heard)
			if a, first := s.enter(command.Stop{}); first {
				go s.run(a)
			}
		case heard == syscall.SIGINT || time.Since(begun) >= grace:
			slog.Error("ending at once; the last snapshot may be missing", "signal", heard)
			exit()
		default:
			slog.Info("stopping already; only SIGINT ends the server before its shutdown grace is over", "signal", heard, "grace", grace)
		}
	}
}

// interruptible makes a command, and those below it, end when a signal asks for
// it, and at once at the second one: none of them serves.
func interruptible(cmd *cobra.Command, signals <-chan os.Signal) {
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			ctx, cancel := context.WithCancel(cmd.Context())
			done := make(chan struct{})
			defer cancel()
			defer close(done)
			go func() {
				for asked := false; ; asked = true {
					select {
					case <-done:
						return
					case <-signals:
					}
					if asked {
						fmt.Fprintln(os.Stderr, "redistill: second signal: ending at once")
						os.Exit(1)
					}
					cancel()
				}
			}()
			cmd.SetContext(ctx)
			return run(cmd, args)
		}
	}
	for _, sub := range cmd.Commands() {
		interruptible(sub, signals)
	}
}
