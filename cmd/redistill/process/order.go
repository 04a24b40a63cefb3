package process

import (
	"cmp"
	"math"
	"net"
	"slices"

	"go.uber.org/fx"

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
		line := cfg.Line(d.Section)
		if line == 0 && !on[d.ID] {
			line = math.MaxInt
		}
		order[d.ID] = line
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

// port is the first TCP port that clients can connect to, 0 if there is none.
func (o transportOrder) port(transports []transport.Listener) int {
	for _, l := range o.of(transports) {
		if l.Enabled() {
			if addr, ok := l.Addr().(*net.TCPAddr); ok && addr != nil {
				return addr.Port
			}
		}
	}
	return 0
}
