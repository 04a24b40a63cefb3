// Package strings is the family of commands whose values are strings, and those
// that compare and combine them.
//
// Concurrency: handlers run in the sessions' goroutines; see command.Ctx.
package strings

import (
	"slices"

	"github.com/redistill-go/redistill/core/command"
)

// ID is the module's ID.
const ID = "commands.strings"

func init() {
	command.Register(ID, "Commands that read and write strings: GET, SET, MGET, APPEND and their kin", Specs)
}

// Specs are the rows of the family's commands.
func Specs() []command.Spec {
	return slices.Concat(stringsSpecs(), setSpecs(), multiSpecs(), compareSpecs(), lcsSpecs(), msetexSpecs())
}

// Family is the family as tests and documents take it.
func Family() command.Family { return command.Family{ID: ID, Specs: Specs()} }
