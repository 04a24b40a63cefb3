package process

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"go.uber.org/fx"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/transport"
)

// transportOrder says in which order the configuration has the transports, by ID: first
// those that are on without being mentioned in the file, then those that the file has,
// then those that only the environment or the command line switches on.
type transportOrder map[string]int

func newTransportOrder(cfg *config.Config, modules []module.Descriptor) (transportOrder, error) {
	on, err := onByDefault(modules)
	if err != nil {
		return nil, err
	}
	order := transportOrder{}
	for _, d := range modules {
		if d.Kind() != module.Transport {
			continue
		}
		for _, i := range cfg.Instances(d) {
			line := cfg.Line(i.Section)
			if line == 0 && !on[i.ID] {
				line = math.MaxInt
			}
			order[i.ID] = line
		}
	}
	return order, nil
}

// onByDefault are the transports that an empty configuration enables.
func onByDefault(modules []module.Descriptor) (map[string]bool, error) {
	cfg, err := config.Load(config.Source{Modules: modules})
	if err != nil {
		return nil, err
	}
	only := slices.DeleteFunc(slices.Clone(modules), func(d module.Descriptor) bool { return d.Kind() != module.Transport })
	g, err := moduleGraph(cfg, only)
	if err != nil {
		return nil, err
	}
	on := map[string]bool{}
	_, err = g.build(fx.Invoke(func(t transports) {
		for _, l := range t.All {
			on[l.ID()] = l.Enabled()
		}
	}))
	return on, err
}

// of are the transports in their order; those of one place are in that of their IDs.
func (o transportOrder) of(transports []transport.Listener) []transport.Listener {
	return slices.SortedStableFunc(slices.Values(sorted(transports)), func(a, b transport.Listener) int {
		return cmp.Compare(o[a.ID()], o[b.ID()])
	})
}

// listeners are where clients can connect to, once the transports have started.
func (o transportOrder) listeners(transports []transport.Listener) (all []command.Listener) {
	for _, l := range o.of(transports) {
		if addr := l.Addr(); l.Enabled() && addr != nil {
			all = append(all, command.Listener{Name: strings.Split(l.ID(), ".")[1], Addr: addr})
		}
	}
	return all
}
