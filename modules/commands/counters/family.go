// Package counters is the family of commands that add to numbers in strings.
//
// Concurrency: handlers run in the sessions' goroutines; see command.Ctx.
package counters

import (
	"slices"

	"github.com/redistill-go/redistill/core/command"
)

// ID is the module's ID.
const ID = "commands.counters"

func init() { command.Register(ID, "Commands that count in strings: INCR, DECR and their kin", Specs) }

// Specs are the rows of the family's commands.
func Specs() []command.Spec {
	return slices.Concat(countersSpecs())
}

// Family is the family as tests and documents take it.
func Family() command.Family { return command.Family{ID: ID, Specs: Specs()} }
