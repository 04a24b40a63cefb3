package process

import (
	"fmt"
	"strings"

	"go.uber.org/dig"
	"go.uber.org/fx"
	"go.uber.org/fx/fxevent"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/module"
)

// moduleOptions are the modules' parts of the graph: all of them, except the
// persistence backends that are not selected.
func moduleOptions(cfg *config.Config, modules []module.Descriptor) (fx.Option, error) {
	var options []fx.Option
	for _, d := range modules {
		if d.Kind() == module.Persistence && d.Name() != cfg.Persistence.Backend {
			continue
		}
		part := d.Build(cfg.Module(d.ID))
		option, ok := part.(fx.Option)
		if !ok {
			return nil, fmt.Errorf("%s: Build returned a %T and not an fx.Option; this is a mistake in the module", d.ID, part)
		}
		options = append(options, option)
	}
	return fx.Options(options...), nil
}

// processOptions are the whole graph: the modules and the core. Nothing in it
// is constructed until something is asked for.
func processOptions(cfg *config.Config, modules []module.Descriptor) (fx.Option, error) {
	options, err := moduleOptions(cfg, modules)
	if err != nil {
		return nil, err
	}
	return fx.Options(fx.Supply(cfg), coreOptions(), options), nil
}

// built says whether the graph can be built for these invocations.
func built(options ...fx.Option) error {
	_, err := newApp(options...)
	return err
}

// newApp builds the graph. Its error says in one line which module failed and
// why, and leaves out how the graph came to call it.
func newApp(options ...fx.Option) (*fx.App, error) {
	var blame blame
	app := fx.New(fx.WithLogger(func() fxevent.Logger { return &blame }), fx.Options(options...))
	if err := app.Err(); err != nil {
		return nil, blame.on(err)
	}
	return app, nil
}

// blame remembers the module whose constructor failed first.
type blame struct{ module string }

// LogEvent implements fxevent.Logger.
func (b *blame) LogEvent(event fxevent.Event) {
	if b.module != "" {
		return
	}
	switch e := event.(type) {
	case *fxevent.Provided:
		if e.Err != nil {
			b.module = e.ModuleName
		}
	case *fxevent.Run:
		if e.Err != nil {
			b.module = e.ModuleName
		}
	}
}

// on is err's root cause, beginning with the module's ID.
func (b *blame) on(err error) error {
	cause := dig.RootCause(err)
	if b.module == "" || strings.HasPrefix(cause.Error(), b.module+":") {
		return cause
	}
	return fmt.Errorf("%s: %w", b.module, cause)
}
