package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/redistill-go/redistill/core/config"
)

// selection is what a build is to have.
type selection struct {
	tags []string // build tags, the first being custom
	ids  []string // the modules that they add, sorted
}

// choose checks names against the catalogue.
func choose(names []string, catalogue []config.Known) (selection, error) {
	s := selection{tags: []string{"custom"}}
	var errs []error
	for _, name := range names {
		name = strings.TrimSpace(name)
		tag, ids := find(name, catalogue)
		if len(ids) == 0 {
			errs = append(errs, unknown(name, catalogue))
			continue
		}
		s.tags = append(s.tags, tag)
		s.ids = append(s.ids, ids...)
	}
	if len(errs) == 0 && len(s.ids) == 0 {
		errs = append(errs, errors.New("--with: no module is named; see redistill-build --list"))
	}
	slices.Sort(s.ids)
	s.ids = slices.Compact(s.ids)
	slices.Sort(s.tags[1:])
	s.tags = slices.Compact(s.tags)
	return s, errors.Join(errs...)
}

// find returns the tag for an ID, a tag or a kind, and the modules it stands
// for.
func find(name string, catalogue []config.Known) (tag string, ids []string) {
	for _, k := range catalogue {
		if name == k.ID || name == k.Tag {
			return k.Tag, []string{k.ID}
		}
		if kind, _, _ := strings.Cut(k.ID, "."); name == kind {
			ids = append(ids, k.ID)
		}
	}
	return name, ids
}

// unknown says what might have been meant.
func unknown(name string, catalogue []config.Known) error {
	var names []string
	for _, k := range catalogue {
		kind, own, _ := strings.Cut(k.ID, ".")
		if own == name {
			return fmt.Errorf("--with: there is no module %q; did you mean %q?", name, k.ID)
		}
		if !slices.Contains(names, kind) {
			names = append(names, kind)
		}
		names = append(names, k.ID)
	}
	if near, ok := config.Nearest(name, names); ok {
		return fmt.Errorf("--with: there is no module %q; did you mean %q?", name, near)
	}
	return fmt.Errorf("--with: there is no module %q; there are: %s", name, strings.Join(names, ", "))
}
