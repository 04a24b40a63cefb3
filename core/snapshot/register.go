package snapshot

import (
	"fmt"

	"github.com/redistill-go/redistill/core/module"
)

// Factory makes the backend of a module.
type Factory struct {
	// New makes it from the module's config, which is what its NewConfig returned,
	// filled in and valid.
	New      func(config any) Backend
	Location Location
}

// Location says where a module keeps its snapshots, for tools that are pointed at one
// by its path. Without a Key they can't be.
type Location struct {
	// Key is the key of the module's section that holds the path: of a string.
	Key string
	// Recognises says whether what is at the path looks like a snapshot of
	// this module, sound or damaged. It only looks.
	Recognises func(path string) bool
	// CouldBe says whether what is at the path could be one that is damaged where
	// Recognises looks. It is asked about what no module recognises. Nil: nothing is.
	CouldBe func(path string) bool
	// SkipKey is the key of the module's section, of a bool, that makes Load leave
	// out what this server does not have, and count it. Empty: there is never any
	// in a snapshot of this module.
	SkipKey string
}

// Register adds a persistence backend to this build; it is called from an init
// function. The ID is "persistence." and a name; doc is one line, without a final full
// stop; section is the dotted section of the configuration that the module alone owns,
// and what newConfig returns are its defaults, see module.Descriptor. build makes the
// backend of a config that is filled in and valid, and opens nothing. A backend with a
// location is a Reader.
func Register[C any, B Backend](id, doc, section string, newConfig func() *C, build func(*C) B, at Location) {
	var backend B
	if _, reads := any(backend).(Reader); at.Key != "" && (at.Recognises == nil || any(backend) != nil && !reads) {
		panic(fmt.Sprintf("module %q: a backend with a location is a snapshot.Reader and recognises its snapshots", id))
	}
	module.Register(1, module.Descriptor{
		ID: id, Doc: doc, Section: section,
		NewConfig: func() any { return newConfig() },
		Factory:   Factory{New: func(config any) Backend { return build(config.(*C)) }, Location: at},
	}, module.Persistence)
}
