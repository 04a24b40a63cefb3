// Package introspection is the family of commands for whoever wants to know what
// the server holds and what it spends its time on.
//
// Concurrency: handlers run in the sessions' goroutines; see command.Ctx.
package introspection

import (
	"slices"

	"github.com/redistill-go/redistill/core/command"
)

// ID is the module's ID.
const ID = "commands.introspection"

func init() {
	command.Register(ID, "Commands that look into the server: MEMORY, LATENCY, SLOWLOG, OBJECT, MONITOR, DEBUG", Specs)
}

// Specs are the rows of the family's commands.
func Specs() []command.Spec {
	return slices.Concat(command.Tending(slices.Concat(memorySpecs(), latencySpecs(), slowlogSpecs(), monitorSpecs(), debugSpecs())), objectSpecs())
}

// Family is the family as tests and documents take it.
func Family() command.Family { return command.Family{ID: ID, Specs: Specs()} }
