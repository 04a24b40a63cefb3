package settings

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Registry is all parameters of a process, in the order of their names.
type Registry struct {
	mu     sync.Mutex // one CONFIG SET at a time
	list   []Parameter
	owners map[string]string // by name
}

// Add adds the parameters of an owner, which is named in errors: "core", or a
// module's ID. Either all are added or none.
func (r *Registry) Add(owner string, parameters ...Parameter) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	owners := maps.Clone(r.owners)
	if owners == nil {
		owners = map[string]string{}
	}
	for _, p := range parameters {
		switch {
		case p.Name == "" || p.Name != strings.ToLower(p.Name) || strings.ContainsAny(p.Name, " \t\r\n"):
			return fmt.Errorf("%s: the CONFIG parameter %q has no name in lower case and without spaces; this is a mistake in the module", owner, p.Name)
		case p.Doc == "" || p.Get == nil:
			return fmt.Errorf("%s: the CONFIG parameter %q lacks a Doc or a Get; this is a mistake in the module", owner, p.Name)
		case owners[p.Name] == owner:
			return fmt.Errorf("%s: has two CONFIG parameters with the name %q; rename one of them", owner, p.Name)
		case owners[p.Name] != "":
			return fmt.Errorf("%s: the CONFIG parameter %q is one of %s already; rename it, or leave one of the two modules out",
				owner, p.Name, owners[p.Name])
		}
		owners[p.Name] = owner
	}
	list := append(slices.Clone(r.list), parameters...)
	slices.SortFunc(list, func(a, b Parameter) int { return strings.Compare(a.Name, b.Name) })
	r.list, r.owners = list, owners
	return nil
}

// Get implements command.Config.
func (r *Registry) Get(match func(name string) bool, f func(name, value string)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.list {
		if match(p.Name) {
			f(p.Name, p.Get())
		}
	}
}

// Set implements command.Config.
func (r *Registry) Set(pairs [][2]string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	chosen := make([]Parameter, len(pairs))
	for i, pair := range pairs {
		at := slices.IndexFunc(r.list, func(p Parameter) bool { return strings.EqualFold(p.Name, pair[0]) })
		if at < 0 {
			return fmt.Errorf("ERR Unknown option or number of arguments for CONFIG SET - '%s'", pair[0])
		}
		chosen[i] = r.list[at]
		if slices.ContainsFunc(chosen[:i], func(p Parameter) bool { return p.Name == chosen[i].Name }) {
			return setError(pair[0], "duplicate parameter")
		}
	}
	var applies []func()
	for i, p := range chosen {
		value := pairs[i][1]
		if p.Set == nil {
			if value != p.Get() {
				return setError(pairs[i][0], "can't set immutable config")
			}
			continue
		}
		apply, err := p.Set(value)
		if err != nil {
			return setError(pairs[i][0], err.Error())
		}
		applies = append(applies, apply)
	}
	for _, apply := range applies {
		apply()
	}
	return nil
}

// Markdown is the list of the parameters for the manual.
func (r *Registry) Markdown() string {
	var b strings.Builder
	b.WriteString("| parameter | CONFIG SET | what it is |\n|---|---|---|\n")
	for _, p := range r.list {
		can := "yes"
		if p.Set == nil {
			can = "fixed"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", p.Name, can, p.Doc)
	}
	return b.String()
}

func setError(name, why string) error {
	return fmt.Errorf("ERR CONFIG SET failed (possibly related to argument '%s') - %s", name, why)
}
