package eviction

import "github.com/redistill-go/redistill/core/module"

// Factory makes the policy of a module from its config, which is what the module's
// NewConfig returned, filled in and valid; nil for a policy without one.
type Factory func(config any) Policy

// Register adds a policy to this build; it is called from an init function. The ID is
// "eviction." and the policy's name; doc is one line, without a final full stop;
// section is the dotted section of the configuration that the module alone owns, and
// what newConfig returns are its defaults, see module.Descriptor. build makes the
// policy of a config that is filled in and valid.
func Register[C any, P Policy](id, doc, section string, newConfig func() *C, build func(*C) P) {
	module.Register(1, module.Descriptor{
		ID: id, Doc: doc, Section: section,
		NewConfig: func() any { return newConfig() },
		Factory:   Factory(func(config any) Policy { return build(config.(*C)) }),
	}, module.Eviction)
}

// RegisterPlain is Register for a policy that has nothing to configure.
func RegisterPlain[P Policy](id, doc string, build func() P) {
	module.Register(1, module.Descriptor{
		ID: id, Doc: doc,
		Factory: Factory(func(any) Policy { return build() }),
	}, module.Eviction)
}
