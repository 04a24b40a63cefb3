// Package fxmodule is for modules that want more of the process than the contract of
// a kind gives them: one registered here brings an fx option of its own, which stands
// in the process's graph beside the core's parts. Most modules need none of it, and
// know no fx.
//
// What such a module provides to the value groups of the graph is treated as that of a
// registered module: transport.Listener in "transports", service.Service in "services",
// eviction.Policy in "policies".
//
// Concurrency: Register is for init functions.
package fxmodule

import (
	"go.uber.org/fx"

	"github.com/redistill-go/redistill/core/module"
)

// Factory makes a module's option from its config, which is what its NewConfig
// returned, filled in and valid; nil for a module without one.
type Factory func(config any) fx.Option

// Register adds a module to this build. The ID is a kind, a dot and a name; doc is one
// line, without a final full stop; section is the dotted section of the configuration
// that the module alone owns, and what newConfig returns are its defaults, see
// module.Descriptor. build must open nothing, and neither must constructors in the
// option: a fx.Hook may when it starts.
//
// The option stands in the graph as it is: put it into a fx.Module with the module's ID,
// so that its errors name it, unless it decorates what others have, which fx keeps
// within a fx.Module.
func Register[C any](id, doc, section string, newConfig func() *C, build func(*C) fx.Option) {
	module.Register(1, module.Descriptor{
		ID: id, Doc: doc, Section: section,
		NewConfig: func() any { return newConfig() },
		Factory:   Factory(func(config any) fx.Option { return build(config.(*C)) }),
	}, "")
}

// RegisterPlain is Register for a module that has nothing to configure.
func RegisterPlain(id, doc string, build func() fx.Option) {
	module.Register(1, module.Descriptor{
		ID: id, Doc: doc,
		Factory: Factory(func(any) fx.Option { return build() }),
	}, "")
}
