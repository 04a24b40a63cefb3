package pebble

import (
	"go.uber.org/fx"

	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/snapshot"
)

func init() {
	module.Register(module.Descriptor{
		ID:        ID,
		Doc:       "Incremental snapshots in a Pebble store: compressed, checked block by block",
		Section:   "persistence.pebble",
		NewConfig: func() any { return DefaultConfig() },
		Location:  &module.Location{Key: "dir", Recognises: isStore},
		Build: func(config any) any {
			return fx.Module(ID,
				fx.Supply(*config.(*Config)),
				fx.Provide(fx.Annotate(New, fx.As(new(snapshot.Backend)))),
			)
		},
	})
}
