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

// Register adds a module to this build. It is called from init functions and
// panics on a malformed descriptor and on a duplicate ID, naming both sources,
// since either is a mistake in the program and not in its input.
func Register(d Descriptor) {
	_, file, _, _ := runtime.Caller(1)
	if kind, name := split(d.ID); kind == "" || name == "" {
		panic(fmt.Sprintf("module %q, registered in %s: the ID must be kind.name", d.ID, file))
	}
	if d.Build == nil || (d.Section == "") != (d.NewConfig == nil) {
		panic(fmt.Sprintf("module %q, registered in %s: needs Build, and NewConfig exactly if it has a Section", d.ID, file))
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

func split(id string) (kind, name string) {
	kind, name, ok := strings.Cut(id, ".")
	if !ok {
		return "", ""
	}
	return kind, name
}
