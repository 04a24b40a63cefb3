package volatilerandom

import (
	"go.uber.org/fx"

	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/store"
)

func init() {
	module.Register(module.Descriptor{
		ID:  ID,
		Doc: "Full memory evicts any key with an expiry",
		Build: func(any) any {
			return fx.Module(ID,
				fx.Provide(fx.Annotate(New, fx.As(new(store.Policy)), fx.ResultTags(`group:"policies"`))),
			)
		},
	})
}
