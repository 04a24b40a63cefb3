package pebble

import (
	"testing"

	"go.uber.org/fx"

	"github.com/redistill-go/redistill/core/module"
	"github.com/redistill-go/redistill/core/snapshot"
)

func TestModule(t *testing.T) {
	d, ok := module.Lookup(ID)
	if !ok {
		t.Fatalf("%s is not registered", ID)
	}
	if d.Kind() != module.Persistence || d.Section != ID || d.Doc == "" {
		t.Errorf("descriptor %+v is not that of a persistence backend", d)
	}
	part, ok := d.Build(d.NewConfig()).(fx.Option)
	if !ok {
		t.Fatal("Build returns no fx.Option")
	}
	var backend snapshot.Backend
	app := fx.New(part, fx.NopLogger, fx.Populate(&backend))
	if err := app.Err(); err != nil {
		t.Fatal(err)
	}
	if backend.ID() != ID {
		t.Errorf("the backend's ID is %q, want %q", backend.ID(), ID)
	}
}
