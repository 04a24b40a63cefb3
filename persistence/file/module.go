package file

import (
	"go.uber.org/fx"

	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/snapshot"
)

func init() {
	module.Register(module.Descriptor{
		ID:        ID,
		Doc:       "Snapshots in one RDB file, which Redis reads and writes too",
		Section:   "persistence.file",
		NewConfig: func() any { return DefaultConfig() },
		Location:  &module.Location{Key: "path", Recognises: isFile},
		Build: func(config any) any {
			return fx.Module(ID,
				fx.Supply(*config.(*Config)),
				fx.Provide(fx.Annotate(New, fx.As(new(snapshot.Backend)))),
			)
		},
	})
}
