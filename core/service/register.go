package service

import "github.com/redistill-go/redistill/core/module"

// Factory makes the service of a module from its config, which is what the module's
// NewConfig returned, filled in and valid, for the process that it is part of.
type Factory func(config any, host Host) Service

// Register adds a service to this build; it is called from an init function. The ID is
// "admin." and a name; doc is one line, without a final full stop; section is the
// dotted section of the configuration that the module alone owns, and what newConfig
// returns are its defaults, see module.Descriptor. build makes the service of a config
// that is filled in and valid, and opens nothing.
func Register[C any, S Service](id, doc, section string, newConfig func() *C, build func(*C, Host) S) {
	module.Register(1, module.Descriptor{
		ID: id, Doc: doc, Section: section,
		NewConfig: func() any { return newConfig() },
		Factory:   Factory(func(config any, host Host) Service { return build(config.(*C), host) }),
	}, module.Admin)
}
