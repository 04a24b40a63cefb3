// Package basics has the commands that every build has: about connections, about the
// server and its commands, INFO and CONFIG, and those that save a snapshot or stop.
//
// Concurrency: handlers run in the sessions' goroutines; see command.Ctx.
package basics

import (
	"slices"

	"github.com/redistill-go/redistill/core/command"
)

// Family is the family of these commands.
func Family() command.Family {
	return command.Family{ID: "core", Specs: slices.Concat(
		command.Tending(connectionSpecs()), command.Tending(saveSpecs()), command.Tending(serverSpecs()), command.Tending(shutdownSpecs()),
		command.Tending(nodeSpecs()), standaloneSpecs())}
}
