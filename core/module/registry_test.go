package module

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func build() {}

// withRegistry runs f on an empty registry.
func withRegistry(t *testing.T, f func()) {
	t.Helper()
	saved := registry
	registry = map[string]registered{}
	defer func() { registry = saved }()
	f()
}

func TestAllIsSortedByID(t *testing.T) {
	withRegistry(t, func() {
		for _, id := range []string{"transport.tcp", "admin.http", "eviction.allkeys-lru"} {
			Register(0, Descriptor{ID: id, Factory: build}, "")
		}
		var ids []string
		for _, d := range All() {
			ids = append(ids, d.ID)
		}
		if want := []string{"admin.http", "eviction.allkeys-lru", "transport.tcp"}; !slices.Equal(ids, want) {
			t.Errorf("All = %v, want %v", ids, want)
		}
	})
}

func TestLookup(t *testing.T) {
	withRegistry(t, func() {
		Register(0, Descriptor{ID: "eviction.allkeys-lru", Doc: "doc", Factory: build}, Eviction)
		d, ok := Lookup("eviction.allkeys-lru")
		if !ok || d.Doc != "doc" || d.Kind() != Eviction || d.Name() != "allkeys-lru" || d.Package != "github.com/redistill-go/redistill/core/module" {
			t.Errorf("Lookup = %+v, %v", d, ok)
		}
		if d, ok := Lookup("eviction.none"); ok || d.ID != "" || d.Kind() != "" || d.Name() != "" {
			t.Errorf("Lookup of an unknown ID = %+v, %v", d, ok)
		}
	})
}

func TestRegisterPanics(t *testing.T) {
	for name, d := range map[string]Descriptor{
		"no ID":                  {Factory: build},
		"no kind":                {ID: ".tcp", Factory: build},
		"no name":                {ID: "transport.", Factory: build},
		"no dot":                 {ID: "transport", Factory: build},
		"no Factory":             {ID: "transport.tcp"},
		"Section but no config":  {ID: "transport.tcp", Factory: build, Section: "x"},
		"config but no Section":  {ID: "transport.tcp", Factory: build, NewConfig: func() any { return nil }},
		"of another kind":        {ID: "eviction.tcp", Factory: build},
		"the same ID once again": {ID: "transport.taken", Factory: build},
	} {
		t.Run(name, func(t *testing.T) {
			withRegistry(t, func() {
				Register(0, Descriptor{ID: "transport.taken", Factory: build}, Transport)
				defer func() {
					r := fmt.Sprint(recover())
					if !strings.Contains(r, fmt.Sprintf("%q", d.ID)) || !strings.Contains(r, "registry_test.go") {
						t.Errorf("panic %q does not name the module and its source", r)
					}
				}()
				Register(0, d, Transport)
				t.Error("no panic")
			})
		})
	}
}
