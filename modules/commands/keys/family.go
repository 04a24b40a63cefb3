// Package keys is the family of commands about keys, whatever their values are:
// deleting, expiring, moving and copying them.
//
// Concurrency: handlers run in the sessions' goroutines; see command.Ctx.
package keys

import (
	"slices"

	"github.com/redistill-go/redistill/core/command"
)

// ID is the module's ID.
const ID = "commands.keys"

func init() {
	command.Register(ID, "Commands about keys of any type: DEL, EXISTS, EXPIRE, RENAME, COPY, DUMP", Specs)
}

// Specs are the rows of the family's commands.
func Specs() []command.Spec {
	return slices.Concat(keysSpecs(), expireSpecs(), moveSpecs(), dumpSpecs())
}

// Family is the family as tests and documents take it.
func Family() command.Family { return command.Family{ID: ID, Specs: Specs()} }
