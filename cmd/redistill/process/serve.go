package process

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"go.uber.org/fx"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/module"
)

// serve runs the server until ctx ends, or a signal or a client asks it to stop.
// Logs go to the writer.
func serve(ctx context.Context, signals <-chan os.Signal, cfg *config.Config, logs io.Writer) error {
	ctx, end := context.WithCancel(ctx)
	defer end()
	slog.SetDefault(newLogger(cfg.Log, logs))
	warnOfIgnored(slog.Default(), cfg)
	g, err := processGraph(cfg, module.All())
	if err != nil {
		return err
	}
	var stops *stops
	app, err := g.build(live(ctx, end), fx.Invoke(func(s *state) { stops = s.stops }))
	if err != nil {
		return err
	}
	done := make(chan struct{})
	defer close(done)
	go stops.hear(signals, cfg.Server.ShutdownGrace.Std(), done, func() { os.Exit(1) })
	// No time limit of fx's: a snapshot may take as long as it takes. The steps
	// themselves heed ctx, so that none goes on after Start has returned.
	if err := app.Start(context.Background()); err != nil {
		if ctx.Err() != nil {
			slog.Info("stopped before the start was complete")
			return nil
		}
		return err
	}
	slog.Info("ready")
	<-ctx.Done()
	slog.Info("stopping")
	if err := app.Stop(context.Background()); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	slog.Info("stopped")
	return nil
}

// live builds the process and hooks its life into the graph's. ctx ends when the
// process is to end, which is what end is for.
func live(ctx context.Context, end context.CancelFunc) fx.Option {
	return fx.Invoke(func(lc fx.Lifecycle, p process) error {
		if err := anyEnabled(p.Config, p.Transports); err != nil {
			return err
		}
		work, err := p.adopt()
		if err != nil {
			return err
		}
		p.Background = append(p.Background, work...)
		p.State.stops.prepare, p.State.stops.end = p.prepareStop, end
		for _, step := range p.steps(ctx) {
			lc.Append(step)
		}
		return nil
	})
}

// warnOfIgnored lists the sections that have no effect in this build.
func warnOfIgnored(log *slog.Logger, cfg *config.Config) {
	var sections, missing []string
	for _, i := range cfg.Ignored() {
		sections = append(sections, fmt.Sprintf("[%s] (%s)", i.Section, i.Place))
		missing = append(missing, i.Module)
	}
	if len(sections) > 0 {
		log.Warn("sections of modules that are not in this build have no effect", "sections", strings.Join(sections, ", "),
			"fix", "remove them, or rebuild with "+cfg.BuildCommand(missing...))
	}
}

func newLogger(cfg config.Log, w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(strings.ToUpper(cfg.Level))); err != nil {
		panic(err) // validated
	}
	options := &slog.HandlerOptions{Level: level}
	if cfg.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
