package volatilettl

import (
	"go.uber.org/fx"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/module"
)

func init() {
	module.Register(module.Descriptor{
		ID:        ID,
		Doc:       "Full memory evicts the key that would expire the soonest, by sampling",
		Section:   "eviction.volatile_ttl",
		NewConfig: func() any { return NewConfig() },
		Build: func(config any) any {
			return fx.Module(ID,
				fx.Supply(config.(*Config)),
				fx.Provide(fx.Annotate(New, fx.As(new(eviction.Policy)), fx.ResultTags(`group:"policies"`))),
			)
		},
	})
}
