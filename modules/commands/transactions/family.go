// Package transactions is the family of commands that make others into one.
//
// Concurrency: handlers run in the sessions' goroutines; see command.Ctx.
package transactions

import (
	"slices"

	"github.com/redistill-go/redistill/core/command"
)

// ID is the module's ID.
const ID = "commands.transactions"

func init() { command.Register(ID, "MULTI, EXEC and WATCH", Specs) }

// Specs are the rows of the family's commands.
func Specs() []command.Spec {
	return slices.Concat(transactionSpecs())
}

// Family is the family as tests and documents take it.
func Family() command.Family { return command.Family{ID: ID, Specs: Specs()} }
