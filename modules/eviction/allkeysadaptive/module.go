package allkeysadaptive

import (
	"go.uber.org/fx"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/module"
)

func init() {
	module.Register(module.Descriptor{
		ID:        ID,
		Doc:       "Full memory evicts what is not asked for soon again; what comes back is admitted as far as that pays (adaptive S3-FIFO)",
		Section:   "eviction.allkeys_adaptive",
		NewConfig: func() any { return NewConfig() },
		Build: func(config any) any {
			return fx.Module(ID,
				fx.Supply(config.(*Config)),
				fx.Provide(fx.Annotate(New, fx.As(new(eviction.Policy)), fx.ResultTags(`group:"policies"`))),
			)
		},
	})
}
