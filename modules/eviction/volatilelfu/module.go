package volatilelfu

import (
	"go.uber.org/fx"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/modules/eviction/frequency"
)

func init() {
	module.Register(module.Descriptor{
		ID:        ID,
		Doc:       "Full memory evicts the key with an expiry used the least often, by sampling",
		Section:   "eviction.volatile_lfu",
		NewConfig: func() any { return frequency.NewConfig() },
		Build: func(config any) any {
			build := func() eviction.Policy { return New(config.(*frequency.Config)) }
			return fx.Module(ID, fx.Provide(fx.Annotate(build, fx.ResultTags(`group:"policies"`))))
		},
	})
}
