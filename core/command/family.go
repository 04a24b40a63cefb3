package command

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/redistill-go/redistill/core/module"
)

// Family is a set of commands that a build has or has not as a whole: that of a
// module, or of the core.
type Family struct {
	ID    string // the module's ID, as in "commands.hashes"
	Specs []Spec
}

// extends says whether the row only adds subcommands to a container of another
// family: it has a name and subcommands, and nothing else.
func (s *Spec) extends() bool { return len(s.Subcommands) > 0 && s.Arity == 0 }

// join puts families together. Two of them may not have a command of one name,
// except that one may add subcommands to a container of the other. The error names
// the families.
func join(families []Family) ([]Spec, error) {
	var specs []Spec
	owners := map[string]string{} // by full name
	var problems []error
	own := func(name, family string) bool {
		other, taken := owners[name]
		if taken {
			problems = append(problems, fmt.Errorf("the command %q is in both %s and %s: leave one of them out", name, other, family))
			return false
		}
		owners[name] = family
		return true
	}
	for _, f := range families {
		for _, s := range f.Specs {
			if s.extends() || !own(s.Name, f.ID) {
				continue
			}
			for _, sub := range s.Subcommands {
				own(s.Name+"|"+sub.Name, f.ID)
			}
			s.Subcommands = slices.Clone(s.Subcommands) // others may add to it
			specs = append(specs, s)
		}
	}
	for _, f := range families {
		for _, s := range f.Specs {
			if !s.extends() {
				continue
			}
			i := slices.IndexFunc(specs, func(c Spec) bool { return c.Name == s.Name && len(c.Subcommands) > 0 })
			if i < 0 {
				problems = append(problems, fmt.Errorf("%s adds to the command %q, which this build lacks", f.ID, s.Name))
				continue
			}
			for _, sub := range s.Subcommands {
				if own(s.Name+"|"+sub.Name, f.ID) {
					specs[i].Subcommands = append(specs[i].Subcommands, sub)
				}
			}
		}
	}
	return specs, errors.Join(problems...)
}

// Help is the subcommand HELP, which error texts point to.
func Help(group string, categories Categories, since string) Spec {
	return Spec{
		Name: "help", Handler: cmdHelp, Arity: 2, Flags: Loading | Stale,
		Categories: categories, Group: group, Since: since,
		Summary:    "List the subcommands",
		Complexity: "O(1)",
	}
}

// cmdHelp lists the subcommands of a container.
func cmdHelp(c *Ctx) {
	container := c.Env.Table.Lookup(c.Args[0])
	subs := container.Subs()
	c.W.Array(1 + 2*len(subs))
	c.W.Simple(strings.ToUpper(container.Name) + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:")
	for i := range subs {
		_, usage, _ := strings.Cut(Usage(&subs[i]), " ")
		c.W.Simple(usage)
		c.W.Simple("    " + subs[i].Summary + ".")
	}
}

// Factory gives the rows of a module's commands.
type Factory func() []Spec

// Register adds a family of commands to this build; it is called from an init
// function. The ID is "commands." and a name; doc is one line, without a final full
// stop; specs gives the rows, and has no effect.
func Register(id, doc string, specs func() []Spec) {
	module.Register(1, module.Descriptor{ID: id, Doc: doc, Factory: Factory(specs)}, module.Commands)
}
