// Package tracking is the family of commands for clients that cache what they read,
// and are told when it changes.
//
// Concurrency: handlers run in the sessions' goroutines; see command.Ctx.
package tracking

import (
	"slices"

	"github.com/redistill-go/redistill/core/command"
)

// ID is the module's ID.
const ID = "commands.tracking"

func init() {
	command.Register(ID, "Client-side caching: CLIENT TRACKING and its kin, and the channel it tells on", Specs)
}

// Specs are the rows of the family's commands.
func Specs() []command.Spec {
	return slices.Concat(command.Tending(clientTrackingSpecs()), subscribeSpecs())
}

// Family is the family as tests and documents take it.
func Family() command.Family { return command.Family{ID: ID, Specs: Specs()} }
