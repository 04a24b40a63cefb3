package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"strings"

	"go.uber.org/fx"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/module"
)

// place is where a snapshot is or shall be, as the command line names it:
// "backend:path", a path alone, or nothing for what the configuration has.
type place struct {
	backend module.Backend
	path    string
}

// findPlace builds the backend of a place. It opens nothing.
func findPlace(src config.Source, name string, set ...string) (place, error) {
	src.Set = append([]string{}, src.Set...)
	if name != "" {
		d, path, err := named(src.Modules, name)
		if err != nil {
			return place{}, err
		}
		src.Set = append(src.Set, "persistence.backend="+d.Name(), d.Section+"."+d.Location.Key+"="+path)
	}
	cfg, err := config.Load(src)
	if err != nil {
		return place{}, err
	}
	if cfg.Persistence.Backend == config.NoBackend {
		return place{}, errors.New("snapshot: persistence.backend is none: name the snapshot, as in redistill snapshot inspect dump.rdb, or pass --config")
	}
	d, _ := module.Lookup(string(module.Persistence) + "." + cfg.Persistence.Backend) // exists, or Load had failed
	for _, s := range set {
		src.Set = append(src.Set, d.Section+"."+s)
	}
	if cfg, err = config.Load(src); err != nil {
		return place{}, err
	}
	backend, err := buildBackend(cfg, d)
	return place{backend, sectionPath(cfg, d)}, err
}

// named finds the module and the path that are meant.
func named(modules []module.Descriptor, name string) (module.Descriptor, string, error) {
	var known []string
	var found []module.Descriptor
	for _, d := range modules {
		if d.Kind() != module.Persistence || d.Location == nil {
			continue
		}
		known = append(known, d.Name())
		if path, ok := strings.CutPrefix(name, d.Name()+":"); ok && path != "" {
			return d, path, nil
		}
		if d.Location.Recognises(name) {
			found = append(found, d)
		}
	}
	if len(found) == 1 {
		return found[0], name, nil
	}
	if len(known) == 0 {
		return module.Descriptor{}, "", errors.New("snapshot: this build has no persistence backend; rebuild with redistill-build --with persistence")
	}
	problem := errors.New("nothing like a snapshot is")
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		problem = module.ErrNoSnapshot
	} else if len(found) > 1 {
		problem = errors.New("what could be of several backends is")
	}
	return module.Descriptor{}, "", fmt.Errorf("snapshot: %s: %w there; name the backend too, as in %s:%s (of %s)",
		name, problem, known[0], name, strings.Join(known, ", "))
}

func buildBackend(cfg *config.Config, d module.Descriptor) (module.Backend, error) {
	options, err := moduleOptions(cfg, []module.Descriptor{d})
	if err != nil {
		return nil, err
	}
	var backend module.Backend
	_, err = newApp(fx.Supply(cfg), options, fx.Populate(&backend))
	return backend, err
}

// sectionPath is the value of the key that holds the path.
func sectionPath(cfg *config.Config, d module.Descriptor) string {
	if d.Location == nil {
		return d.Section
	}
	section := reflect.ValueOf(cfg.Module(d.ID)).Elem()
	for i := range section.NumField() {
		if section.Type().Field(i).Tag.Get("toml") == d.Location.Key {
			return section.Field(i).String()
		}
	}
	return d.Section
}
