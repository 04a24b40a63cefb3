// Package bitmaps is the family of commands that see a string as bits.
//
// Concurrency: handlers run in the sessions' goroutines; see command.Ctx.
package bitmaps

import (
	"slices"

	"github.com/redistill-go/redistill/core/command"
)

// ID is the module's ID.
const ID = "commands.bitmaps"

func init() {
	command.Register(ID, "Commands that work on the bits of strings: SETBIT, BITCOUNT, BITOP, BITFIELD", Specs)
}

// Specs are the rows of the family's commands.
func Specs() []command.Spec {
	return slices.Concat(bitcountSpecs(), bitfieldSpecs(), bitopSpecs(), bitsSpecs())
}

// Family is the family as tests and documents take it.
func Family() command.Family { return command.Family{ID: ID, Specs: Specs()} }
