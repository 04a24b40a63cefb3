package admin

import (
	"go.uber.org/fx"

	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/service"
	"github.com/redistill-go/redistill/core/stats"
)

// inputs are what the graph must hold for this module.
type inputs struct {
	fx.In

	Stats    *stats.Stats
	Commands service.CommandNames
	Health   service.Health
	Observer service.Observer
}

func init() {
	module.Register(module.Descriptor{
		ID:        ID,
		Doc:       "Health, readiness and Prometheus metrics over HTTP",
		Section:   "admin",
		NewConfig: func() any { return NewConfig() },
		Build: func(config any) any {
			provide := func(c *Config, in inputs) *Server {
				return New(c, Deps{Stats: in.Stats, Commands: in.Commands, Health: in.Health, Observer: in.Observer})
			}
			return fx.Module(ID,
				fx.Supply(config.(*Config)),
				fx.Provide(fx.Annotate(provide, fx.As(new(service.Service)), fx.ResultTags(`group:"services"`))),
			)
		},
	})
}
