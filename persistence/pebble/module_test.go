package pebble

import (
	"testing"

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
	if backend := d.Factory.(snapshot.Factory).New(d.NewConfig()); backend.ID() != ID {
		t.Errorf("the backend's ID is %q, want %q", backend.ID(), ID)
	}
}
