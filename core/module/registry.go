package module

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
)

// registered is a descriptor and the source file that registered it.
type registered struct {
	Descriptor
	file string
}

var registry = map[string]registered{}

// Register adds a module of a kind to this build; "": of any kind. It is what the
// Register of each kind calls, which init functions call. skip is how many callers
// stand between the module and this: 0 for the caller itself, 1 for that one's.
//
// It panics on a malformed descriptor, on one that is of another kind and on a
// duplicate ID, naming both sources, since each is a mistake in the program and not in
// its input.
func Register(skip int, d Descriptor, kind Kind) {
	var pcs [1]uintptr
	runtime.Callers(skip+2, pcs[:])
	caller, _ := runtime.CallersFrames(pcs[:]).Next()
	file := caller.File
	d.Package = packageOf(caller.Function)
	if kind, name := split(d.ID); kind == "" || name == "" {
		panic(fmt.Sprintf("module %q, registered in %s: the ID must be kind.name", d.ID, file))
	}
	if kind != "" && d.Kind() != kind {
		panic(fmt.Sprintf("module %q, registered in %s: is of the kind %s, so its ID must be %s.name", d.ID, file, kind, kind))
	}
	if d.Factory == nil || (d.Section == "") != (d.NewConfig == nil) {
		panic(fmt.Sprintf("module %q, registered in %s: needs a Factory, and NewConfig exactly if it has a Section", d.ID, file))
	}
	if prev, ok := registry[d.ID]; ok {
		panic(fmt.Sprintf("module %q is registered twice: in %s and in %s", d.ID, prev.file, file))
	}
	registry[d.ID] = registered{d, file}
}

// All returns the modules of this build, sorted by ID.
func All() []Descriptor {
	all := make([]Descriptor, 0, len(registry))
	for _, r := range registry {
		all = append(all, r.Descriptor)
	}
	slices.SortFunc(all, func(a, b Descriptor) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// Lookup returns the module with this ID, if this build has it.
func Lookup(id string) (Descriptor, bool) {
	r, ok := registry[id]
	return r.Descriptor, ok
}

// packageOf is the import path in the full name of a function, as in
// "example.org/eviction/lru%2ev2.init.0": all before the first dot after the last slash,
// where dots of the path itself are escaped.
func packageOf(function string) string {
	slash := strings.LastIndexByte(function, '/') + 1
	name, _, _ := strings.Cut(function[slash:], ".")
	return function[:slash] + strings.ReplaceAll(name, "%2e", ".")
}

func split(id string) (kind, name string) {
	kind, name, ok := strings.Cut(id, ".")
	if !ok {
		return "", ""
	}
	return kind, name
}
