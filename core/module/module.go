// Package module is the registry of the modules that an operator composes the server
// from: the descriptor that a module registers, and where it registers it.
//
// What a module must do is said by the contract of its kind, each in a package of its
// own: core/transport, core/eviction, core/snapshot, core/service.
//
// Invariants: the registry is filled by init functions only and is read-only
// afterwards; an ID names one module in one process; constructors open
// nothing, Start does.
//
// Concurrency: Register is for init functions. Everything else may be called
// from any goroutine once main has started.
package module

// Kind is the seam a module plugs into.
type Kind string

// The kinds of module.
const (
	Transport   Kind = "transport"
	Eviction    Kind = "eviction"
	Persistence Kind = "persistence"
	Admin       Kind = "admin"
	Commands    Kind = "commands"
)

// Descriptor is what a module says of itself. It is data: nothing happens
// until the process composes it into the graph. A module doesn't write one: it
// calls Register of the contract of its kind.
type Descriptor struct {
	// ID is the module's dotted name: its kind, a dot and its own name, as in
	// "transport.tcp" or "eviction.allkeys-lru".
	ID string
	// Doc is one line, without a final full stop, for `redistill modules`.
	Doc string
	// Section is the dotted config section that the module alone owns, as in
	// "transports.tcp". Empty: the module has no configuration.
	Section string
	// NewConfig returns a pointer to a fresh config struct that holds the
	// defaults. Nil if and only if Section is empty. If the pointer has a
	// method Validate() error, it is called after decoding; what it returns
	// may be several errors joined, each of them a config.FieldError.
	NewConfig func() any
	// Several says that there may be several instances of the module in one process,
	// each with a config of its own. The Factory is called once for each.
	Several bool
	// Factory makes the module: it is of the type Factory of the package that has
	// the contract of its kind, which the composition knows and this package doesn't.
	// It opens no files and no sockets, and starts no goroutines.
	Factory any
	// Package is the import path of the package that registered the module.
	Package string
}

// Kind is the part of the ID before the first dot.
func (d Descriptor) Kind() Kind {
	kind, _ := split(d.ID)
	return Kind(kind)
}

// Name is the part of the ID after the first dot.
func (d Descriptor) Name() string {
	_, name := split(d.ID)
	return name
}
