package allkeyslru

import (
	"go.uber.org/fx"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/modules/eviction/recency"
)

func init() {
	module.Register(module.Descriptor{
		ID:        ID,
		Doc:       "Full memory evicts the key used the longest ago, by sampling",
		Section:   "eviction.allkeys_lru",
		NewConfig: func() any { return recency.NewConfig() },
		Build: func(config any) any {
			build := func() eviction.Policy { return New(config.(*recency.Config)) }
			return fx.Module(ID, fx.Provide(fx.Annotate(build, fx.ResultTags(`group:"policies"`))))
		},
	})
}
