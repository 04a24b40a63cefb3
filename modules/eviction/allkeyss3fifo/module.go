package allkeyss3fifo

import (
	"go.uber.org/fx"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/module"
)

func init() {
	module.Register(module.Descriptor{
		ID:        ID,
		Doc:       "Full memory evicts what is not asked for soon again, by three queues (S3-FIFO)",
		Section:   "eviction.allkeys_s3fifo",
		NewConfig: func() any { return NewConfig() },
		Build: func(config any) any {
			return fx.Module(ID,
				fx.Supply(config.(*Config)),
				fx.Provide(fx.Annotate(New, fx.As(new(eviction.Policy)), fx.ResultTags(`group:"policies"`))),
			)
		},
	})
}
