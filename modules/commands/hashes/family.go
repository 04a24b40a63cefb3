// Package hashes is the family of commands whose values are hashes.
//
// Concurrency: handlers run in the sessions' goroutines; see command.Ctx.
package hashes

import (
	"slices"

	"github.com/redistill-go/redistill/core/command"
)

// ID is the module's ID.
const ID = "commands.hashes"

func init() { command.Register(ID, "Commands about hashes and the expiry of their fields", Specs) }

// Specs are the rows of the family's commands.
func Specs() []command.Spec {
	return slices.Concat(hashSpecs(), hashReadSpecs(), hashRandomSpecs(), hashScanSpecs(), hashNumberSpecs(), hashGetExSpecs(), hashExpireSpecs())
}

// Family is the family as tests and documents take it.
func Family() command.Family { return command.Family{ID: ID, Specs: Specs()} }
