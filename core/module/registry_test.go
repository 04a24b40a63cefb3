package module

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func build(any) any { return nil }

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
			Register(Descriptor{ID: id, Build: build})
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
		Register(Descriptor{ID: "eviction.allkeys-lru", Doc: "doc", Build: build})
		d, ok := Lookup("eviction.allkeys-lru")
		if !ok || d.Doc != "doc" || d.Kind() != Eviction || d.Name() != "allkeys-lru" {
			t.Errorf("Lookup = %+v, %v", d, ok)
		}
		if d, ok := Lookup("eviction.none"); ok || d.ID != "" || d.Kind() != "" || d.Name() != "" {
			t.Errorf("Lookup of an unknown ID = %+v, %v", d, ok)
		}
	})
}

func TestRegisterPanics(t *testing.T) {
	for name, d := range map[string]Descriptor{
		"no ID":                  {Build: build},
		"no kind":                {ID: ".tcp", Build: build},
		"no name":                {ID: "transport.", Build: build},
		"no dot":                 {ID: "transport", Build: build},
		"no Build":               {ID: "transport.tcp"},
		"Section but no config":  {ID: "transport.tcp", Build: build, Section: "x"},
		"config but no Section":  {ID: "transport.tcp", Build: build, NewConfig: func() any { return nil }},
		"the same ID once again": {ID: "transport.taken", Build: build},
	} {
		t.Run(name, func(t *testing.T) {
			withRegistry(t, func() {
				Register(Descriptor{ID: "transport.taken", Build: build})
				defer func() {
					r := fmt.Sprint(recover())
					if !strings.Contains(r, fmt.Sprintf("%q", d.ID)) || !strings.Contains(r, "registry_test.go") {
						t.Errorf("panic %q does not name the module and its source", r)
					}
				}()
				Register(d)
				t.Error("no panic")
			})
		})
	}
}
