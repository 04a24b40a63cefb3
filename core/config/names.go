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
	// Switch is the key of its section that switches it off when it is empty, and
	// Default what that key is unless it is set. "": it has none.
	Switch, Default string
}

// selectModule judges a key whose value names a module of some kind. builtin is the
// value that needs no module. It gives one of three answers: the name is near one that
// there is, it is that of a module that is left out of this build, or it is unknown.
func (l *loader) selectModule(key, name string, kind module.Kind, builtin string) {
	if l.broken[key] {
		return
	}
	at := l.placeOf(key)
	here, there := []string{builtin}, []string{} // in this build, and left out of it
	for _, d := range l.source.Modules {
		if d.Kind() == kind && d.Name() != builtin {
			here = append(here, d.Name())
		}
	}
	for _, k := range l.source.Known {
		if of, own, _ := strings.Cut(k.ID, "."); of == string(kind) && !slices.Contains(here, own) {
			there = append(there, own)
		}
	}
	id := func(name string) string { return string(kind) + "." + name }
	switch {
	case slices.Contains(here, name):
		return
	case slices.Contains(there, name):
		l.reportLeftOut(at, key, fmt.Sprintf("module %s is not in this build", id(name)), "", id(name))
		return
	}
	problem := fmt.Sprintf("there is no %s module %q", kind, name)
	near, ok := NearestModule(strings.TrimPrefix(name, string(kind)+"."), slices.Concat(here, there))
	switch {
	case !ok:
		fix := "this build has: " + strings.Join(here, ", ")
		if len(there) > 0 {
			fix += "; other builds have: " + strings.Join(there, ", ")
		}
		l.report(at, key, problem, fix)
	case slices.Contains(here, near):
		l.report(at, key, problem, fmt.Sprintf("did you mean %q?", near))
	default:
		l.reportLeftOut(at, key, problem, fmt.Sprintf("did you mean %q? It is not in this build; ", near), id(near))
	}
}
