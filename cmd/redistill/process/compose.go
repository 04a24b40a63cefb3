package process

import (
	"slices"

	"go.uber.org/fx"
	"go.uber.org/fx/fxevent"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/module"
)

// graph is what the parts of a process are made from. Nothing in it is constructed
// until something is asked for.
type graph struct {
	base    fx.Option // what does not belong to modules
	modules []graphModule
}

// graphModule is a module's part of the graph.
type graphModule struct {
	id     string
	option fx.Option
}

// moduleGraph is the graph of the modules alone: all of them, except the
// persistence backends that are not selected.
func moduleGraph(cfg *config.Config, modules []module.Descriptor) (graph, error) {
	g := graph{base: fx.Supply(cfg)}
	for _, d := range modules {
		if d.Kind() == module.Persistence && d.Name() != cfg.Persistence.Backend {
			continue
		}
		option, err := partOf(d, cfg)
		if err != nil {
			return graph{}, err
		}
		g.modules = append(g.modules, graphModule{d.ID, option})
	}
	return g, nil
}

// processGraph is the whole graph: the modules and the core.
func processGraph(cfg *config.Config, modules []module.Descriptor) (graph, error) {
	g, err := moduleGraph(cfg, modules)
	g.base = fx.Options(g.base, coreOptions(), fx.Provide(func() (transportOrder, error) { return newTransportOrder(cfg, modules) }))
	return g, err
}

// options are the whole graph with what is to be invoked.
func (g graph) options(invoke ...fx.Option) fx.Option {
	all := []fx.Option{g.base}
	for _, m := range g.modules {
		all = append(all, m.option)
	}
	return fx.Options(slices.Concat(all, invoke)...)
}

// build builds what the invocations ask for. Its error says in one line which module
// failed, why and what to do, and leaves out how the graph came to call it.
func (g graph) build(invoke ...fx.Option) (*fx.App, error) {
	var blame blame
	app := fx.New(
		fx.Logger(quiet{}), // where the graph fails before there is the other one
		fx.WithLogger(func() fxevent.Logger { return &blame }),
		g.options(invoke...),
	)
	err := app.Err()
	if err == nil {
		return app, nil
	}
	if fault := g.findFault(invoke); fault != nil {
		return nil, fault
	}
	return nil, blame.on(err)
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
