package process

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
	"github.com/redistill-go/redistill/core/snapshot"
)

// place is where a snapshot is or shall be, as the command line names it:
// "backend:path", a path alone, or nothing for what the configuration has.
type place struct {
	backend snapshot.Backend
	path    string
}

// findPlace builds the backend of a place, which skips what this server does not have
// or refuses to load it. It opens nothing.
func findPlace(src config.Source, name string, skip bool) (place, error) {
	src.Set = append([]string{}, src.Set...)
	if name != "" {
		d, path, err := named(src, name)
		if err != nil {
			return place{}, err
		}
		src.Set = append(src.Set, "persistence.backend="+d.Name(), d.Section+"."+locationOf(d).Key+"="+path)
	}
	cfg, err := config.Load(src)
	if err != nil {
		return place{}, err
	}
	if cfg.Persistence.Backend == config.NoBackend {
		return place{}, errors.New("snapshot: persistence.backend is none: name the snapshot, as in redistill snapshot inspect dump.rdb, or pass --config")
	}
	d, _ := module.Lookup(string(module.Persistence) + "." + cfg.Persistence.Backend) // exists, or Load had failed
	if key := locationOf(d).SkipKey; skip && key != "" {
		src.Set = append(src.Set, d.Section+"."+key+"=true")
		if cfg, err = config.Load(src); err != nil {
			return place{}, err
		}
	}
	backend, err := buildBackend(cfg, d)
	return place{backend, sectionPath(cfg, d)}, err
}

// named finds the module and the path that are meant.
func named(src config.Source, name string) (module.Descriptor, string, error) {
	var known []string
	var found, could []module.Descriptor
	for _, d := range src.Modules {
		at := locationOf(d)
		if at.Key == "" {
			continue
		}
		known = append(known, d.Name())
		if path, ok := strings.CutPrefix(name, d.Name()+":"); ok && path != "" {
			return d, path, nil
		}
		if at.Recognises(name) {
			found = append(found, d)
		}
		if at.CouldBe != nil && at.CouldBe(name) {
			could = append(could, d)
		}
	}
	if len(found) == 0 { // so that a damaged one is told by what is wrong with it
		found = could
	}
	if len(found) == 1 {
		return found[0], name, nil
	}
	if err := leftOut(src, name); err != nil {
		return module.Descriptor{}, "", err
	}
	if len(known) == 0 {
		return module.Descriptor{}, "", fmt.Errorf("snapshot: this build has no persistence backend; rebuild with %s", src.BuildCommand("persistence.file"))
	}
	problem := errors.New("nothing like a snapshot is")
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		problem = snapshot.ErrNoSnapshot
	} else if len(found) > 1 {
		problem = errors.New("what could be of several backends is")
	}
	return module.Descriptor{}, "", fmt.Errorf("snapshot: %s: %w there; name the backend too, as in %s:%s (of %s)",
		name, problem, known[0], name, strings.Join(known, ", "))
}

// locationOf says where a module keeps snapshots; it has no key if that is nowhere a
// path leads to.
func locationOf(d module.Descriptor) snapshot.Location {
	f, _ := d.Factory.(snapshot.Factory)
	return f.Location
}

// leftOut is an error if the name is that of a backend that the tree has and
// this build has not.
func leftOut(src config.Source, name string) error {
	for _, k := range src.Known {
		backend, ok := strings.CutPrefix(k.ID, string(module.Persistence)+".")
		if ok && strings.HasPrefix(name, backend+":") {
			src.Set = append(src.Set, "persistence.backend="+backend)
			_, err := config.Load(src) // which knows the tag to rebuild with
			return err
		}
	}
	return nil
}

func buildBackend(cfg *config.Config, d module.Descriptor) (snapshot.Backend, error) {
	g, err := moduleGraph(cfg, []module.Descriptor{d})
	if err != nil {
		return nil, err
	}
	var backend snapshot.Backend
	_, err = g.build(fx.Populate(&backend))
	return backend, err
}

// sectionPath is the value of the key that holds the path.
func sectionPath(cfg *config.Config, d module.Descriptor) string {
	key := locationOf(d).Key
	if key == "" {
		return d.Section
	}
	section := reflect.ValueOf(cfg.Module(d.ID)).Elem()
	for i := range section.NumField() {
		if section.Type().Field(i).Tag.Get("toml") == key {
			return section.Field(i).String()
		}
	}
	return d.Section
}
