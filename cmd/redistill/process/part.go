package process

import (
	"fmt"

	"go.uber.org/fx"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/service"
	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/transport"
	"github.com/redistill-go/redistill/modules/fxmodule"
)

// partOf is a module's part of the graph. A module of each kind is made by the factory
// of that kind, once for each instance that the configuration has of it, and found
// among all of it; what a module that brings an option of its own does is up to that.
func partOf(d module.Descriptor, cfg *config.Config) (fx.Option, error) {
	config := cfg.Module(d.ID)
	switch f := d.Factory.(type) {
	case transport.Factory:
		var all []fx.Option
		for _, i := range cfg.Instances(d) {
			all = append(all, inGroup(i.ID, `group:"transports"`, func() (transport.Listener, error) {
				l := f(i.Config, i.Place)
				if l.ID() != i.ID {
					return nil, fmt.Errorf("%s: calls itself %q; its ID must be that of the place that it is made for: this is a mistake in the module", i.ID, l.ID())
				}
				return l, nil
			}))
		}
		return fx.Options(all...), nil
	case eviction.Factory:
		return inGroup(d.ID, `group:"policies"`, func() eviction.Policy { return f(config) }), nil
	case service.Factory:
		return inGroup(d.ID, `group:"services"`, func(host service.Host) service.Service { return f(config, host) }), nil
	case snapshot.Factory: // there is one at most, so that it needs no group
		return fx.Module(d.ID, fx.Provide(func() snapshot.Backend { return f.New(config) })), nil
	case command.Factory:
		return inGroup(d.ID, `group:"families"`, func() command.Family { return command.Family{ID: d.ID, Specs: f()} }), nil
	case fxmodule.Factory:
		return f(config), nil
	default:
		return nil, fmt.Errorf("%s: is registered with a %T, which is the factory of no kind; use Register of the kind's package, as in eviction.Register",
			d.ID, d.Factory)
	}
}

// inGroup is a module that provides one of a group.
func inGroup(id, group string, constructor any) fx.Option {
	return fx.Module(id, fx.Provide(fx.Annotate(constructor, fx.ResultTags(group))))
}
