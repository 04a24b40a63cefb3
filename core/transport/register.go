package transport

import "github.com/redistill-go/redistill/core/module"

// Factory makes the transport of a module: from its config, which is what the
// module's NewConfig returned, filled in and valid, for a place in the configuration.
type Factory func(config any, at module.Place) Listener

// Register adds a transport to this build; it is called from an init function. The
// ID is "transport." and a name; doc is one line, without a final full stop; section
// is the dotted section of the configuration that the module alone owns, and what
// newConfig returns are its defaults, see module.Descriptor. build makes the
// transport of a config that is filled in and valid, and opens nothing. It is called
// once for each instance that the configuration has of it, each with its own config
// and place.
func Register[C any, L Listener](id, doc, section string, newConfig func() *C, build func(*C, module.Place) L) {
	module.Register(1, module.Descriptor{
		ID: id, Doc: doc, Section: section,
		NewConfig: func() any { return newConfig() },
		Several:   true,
		Factory:   Factory(func(config any, at module.Place) Listener { return build(config.(*C), at) }),
	}, module.Transport)
}
