package tcp

import (
	"go.uber.org/fx"

	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/transport"
)

func init() {
	module.Register(module.Descriptor{
		ID:        ID,
		Doc:       "Clients over TCP",
		Section:   "transports.tcp",
		NewConfig: func() any { return NewConfig() },
		Build: func(config any) any {
			return fx.Module(ID,
				fx.Supply(config.(*Config)),
				fx.Provide(fx.Annotate(New, fx.As(new(transport.Listener)), fx.ResultTags(`group:"transports"`))),
			)
		},
	})
}
