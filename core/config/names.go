package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/redistill-go/redistill/core/module"
)

// Known is a module that exists in the tree, whether this build has it or not.
type Known struct {
	ID      string // as in "eviction.allkeys-lru"
	Tag     string // build tag that adds it to a custom build
	Section string // config section it owns; empty: none
	Package string // import path
	// Switch is the key of its section that switches it off when it is empty, and On
	// says that it is on unless that is so. "": it has none.
	Switch string
	On     bool
}

// Rebuild says how to get a build that has the module.
func (k Known) Rebuild() string {
	return fmt.Sprintf("rebuild with redistill-build --with %s (build tag %s)", k.ID, k.Tag)
}

// selectModule checks a key whose value names a module of some kind. builtin
// is the value that needs no module. It gives one of three answers: the name
// is known but left out of this build, it is near one that this build has, or
// it is unknown.
func selectModule(key, name string, kind module.Kind, builtin string, modules []module.Descriptor, known []Known) error {
	names := []string{builtin}
	for _, d := range modules {
		if d.Kind() == kind && d.Name() != builtin {
			names = append(names, d.Name())
		}
	}
	if slices.Contains(names, name) {
		return nil
	}
	for _, k := range known {
		if k.ID == string(kind)+"."+name {
			return &FieldError{key, fmt.Sprintf("module %s is not in this build", k.ID), k.Rebuild()}
		}
	}
	fix := "this build has: " + strings.Join(names, ", ")
	if near, ok := Nearest(name, names); ok {
		fix = fmt.Sprintf("did you mean %q?", near)
	}
	return &FieldError{key, fmt.Sprintf("there is no %s module %q", kind, name), fix}
}
