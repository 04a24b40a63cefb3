package fxmodule_test

import (
	"testing"

	"go.uber.org/fx"

	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/modules/fxmodule"
)

type config struct {
	Greeting string `toml:"greeting" doc:"what it says"`
}

type greeter struct{ says string }

func init() {
	fxmodule.Register("admin.greeter", "Greets", "greeter", func() *config { return &config{"hello"} },
		func(c *config) fx.Option {
			return fx.Module("admin.greeter", fx.Provide(func() *greeter { return &greeter{c.Greeting} }))
		})
	fxmodule.RegisterPlain("admin.shouter", "Shouts", func() fx.Option {
		return fx.Decorate(func(g *greeter) *greeter { return &greeter{g.says + "!"} })
	})
}

func option(t *testing.T, id string) fx.Option {
	t.Helper()
	d, ok := module.Lookup(id)
	if !ok {
		t.Fatalf("%s is not registered", id)
	}
	if want := "github.com/redistill-go/redistill/modules/fxmodule_test"; d.Package != want {
		t.Errorf("%s is registered by package %s", id, d.Package)
	}
	var config any
	if d.NewConfig != nil {
		config = d.NewConfig()
	}
	return d.Factory.(fxmodule.Factory)(config)
}

// A module's option stands in the graph as it is, so that one may change what another
// provides.
func TestOptionsStandInTheGraph(t *testing.T) {
	var got *greeter
	app := fx.New(fx.NopLogger, option(t, "admin.greeter"), option(t, "admin.shouter"), fx.Populate(&got))
	if err := app.Err(); err != nil {
		t.Fatal(err)
	}
	if got.says != "hello!" {
		t.Errorf("it says %q", got.says)
	}
}
