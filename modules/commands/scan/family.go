// Package scan is the family of commands that go through all keys.
//
// Concurrency: handlers run in the sessions' goroutines; see command.Ctx.
package scan

import (
	"slices"

	"github.com/redistill-go/redistill/core/command"
)

// ID is the module's ID.
const ID = "commands.scan"

func init() { command.Register(ID, "Commands that find keys: SCAN, KEYS, RANDOMKEY", Specs) }

// Specs are the rows of the family's commands.
func Specs() []command.Spec {
	return slices.Concat(scanSpecs())
}

// Family is the family as tests and documents take it.
func Family() command.Family { return command.Family{ID: ID, Specs: Specs()} }
