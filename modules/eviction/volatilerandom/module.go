package volatilerandom

import (
	"go.uber.org/fx"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/module"
)

func init() {
	module.Register(module.Descriptor{
		ID:  ID,
		Doc: "Full memory evicts any key with an expiry",
		Build: func(any) any {
			return fx.Module(ID,
				fx.Provide(fx.Annotate(New, fx.As(new(eviction.Policy)), fx.ResultTags(`group:"policies"`))),
			)
		},
	})
}
