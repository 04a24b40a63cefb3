package command

import "github.com/redistill-go/redistill/core/module"

// Factory gives the rows of a module's commands.
type Factory func() []Spec

// Register adds a family of commands to this build; it is called from an init
// function. The ID is "commands." and a name; doc is one line, without a final full
// stop; specs gives the rows, and has no effect.
func Register(id, doc string, specs func() []Spec) {
	module.Register(1, module.Descriptor{ID: id, Doc: doc, Factory: Factory(specs)}, module.Commands)
}
