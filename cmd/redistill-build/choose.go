package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/redistill-go/redistill/core/config"
)

// request is what the command line asks for.
type request struct {
	preset  string   // a name in presets; "": none
	only    []string // exactly these modules of the tree, and those of with; nil: not asked
	file    string   // exactly what this configuration needs; "": not asked
	with    []string
	without []string
}

// selection is what a build is to have.
type selection struct {
	tree    []config.Known // modules of the tree, sorted by ID
	foreign []foreign      // packages from elsewhere
}

// presets are sets of modules with a name. The names in them are as on the command line.
var presets = map[string][]string{
	"minimal": {"transport.tcp", "eviction.allkeys-lru", "commands.strings", "commands.keys"},
	"cache":   {"transport", "eviction", "commands", "admin"},
	"full":    {"transport", "eviction", "commands", "admin", "persistence"},
}

// choose finds out what a request means. Its error has a line for each problem.
func choose(r request, catalogue []config.Known) (selection, error) {
	base, err := r.base(catalogue)
	if err != nil {
		return selection{}, err
	}
	c := chooser{catalogue: catalogue, in: map[string]bool{}}
	c.set("", base, true)
	var with []string
	var s selection
	for _, name := range r.with {
		if f, ok, err := parseForeign(name); err != nil {
			c.errs = append(c.errs, err)
		} else if ok {
			s.foreign = append(s.foreign, f)
		} else {
			with = append(with, name)
		}
	}
	c.set("--with", with, true)
	c.set("--without", r.without, false)
	for _, k := range catalogue {
		if c.in[k.ID] {
			s.tree = append(s.tree, k)
		}
	}
	if len(c.errs) == 0 && !s.hasTransport() {
		c.errs = append(c.errs, errors.New("the build has no transport, so that no client could connect; add one, as in --with transport.tcp"))
	}
	return s, errors.Join(c.errs...)
}

// base are the names of the modules that --with adds to and --without takes from.
func (r request) base(catalogue []config.Known) ([]string, error) {
	given := 0
	for _, yes := range []bool{r.preset != "", r.only != nil, r.file != ""} {
		if yes {
			given++
		}
	}
	if given > 1 {
		return nil, errors.New("--preset, --only and --from-config each say what to begin with: give one of them")
	}
	switch {
	case r.only != nil:
		return r.only, nil
	case r.file != "":
		return needs(r.file, catalogue)
	case r.preset != "":
		names, ok := presets[r.preset]
		if !ok {
			return nil, fmt.Errorf("--preset: there is no preset %q; there are: %s", r.preset, strings.Join(presetNames(), ", "))
		}
		return names, nil
	}
	return presets["full"], nil
}

func presetNames() []string { return []string{"minimal", "cache", "full"} }

// hasTransport says whether there may be a transport: of a package from elsewhere that
// is only known once it is built.
func (s selection) hasTransport() bool {
	return len(s.foreign) > 0 || slices.ContainsFunc(s.tree, func(k config.Known) bool { return strings.HasPrefix(k.ID, "transport.") })
}

// ids are the IDs of the modules of the tree.
func (s selection) ids() []string {
	ids := make([]string, len(s.tree))
	for i, k := range s.tree {
		ids[i] = k.ID
	}
	return ids
}

// chooser looks names up.
type chooser struct {
	catalogue []config.Known
	in        map[string]bool
	errs      []error
}

// set takes modules in or out, by names that an option gave.
func (c *chooser) set(option string, names []string, in bool) {
	for _, name := range names {
		name = strings.TrimSpace(name)
		ids := find(name, c.catalogue)
		if len(ids) == 0 {
			c.errs = append(c.errs, unknown(option, name, c.catalogue))
		}
		for _, id := range ids {
			c.in[id] = in
		}
	}
}

// find returns the modules that an ID, a tag or a kind stands for.
func find(name string, catalogue []config.Known) (ids []string) {
	for _, k := range catalogue {
		if name == k.ID || name == k.Tag {
			return []string{k.ID}
		}
		if kind, _, _ := strings.Cut(k.ID, "."); name == kind {
			ids = append(ids, k.ID)
		}
	}
	return ids
}

// unknown says what might have been meant.
func unknown(option, name string, catalogue []config.Known) error {
	if option == "" {
		option = "--only"
	}
	var names []string
	for _, k := range catalogue {
		kind, own, _ := strings.Cut(k.ID, ".")
		if own == name {
			return fmt.Errorf("%s: there is no module %q; did you mean %q?", option, name, k.ID)
		}
		if !slices.Contains(names, kind) {
			names = append(names, kind)
		}
		names = append(names, k.ID)
	}
	if near, ok := config.NearestModule(name, names); ok {
		return fmt.Errorf("%s: there is no module %q; did you mean %q?", option, name, near)
	}
	return fmt.Errorf("%s: there is no module %q; there are: %s; a package from elsewhere is given with its version, as in example.org/policy@v1.2.3", option, name, strings.Join(names, ", "))
}
