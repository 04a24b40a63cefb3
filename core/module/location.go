package module

import "context"

// Location says where a persistence module keeps its snapshots, for tools that
// are pointed at one by its path.
type Location struct {
	// Key is the key of the module's section that holds the path.
	Key string
	// Recognises says whether what is at the path looks like a snapshot of
	// this module, sound or damaged. It only looks.
	Recognises func(path string) bool
}

// Reader is a Backend that can be opened for reading alone. Every one that has
// a Location is a Reader.
type Reader interface {
	Backend
	// OpenReader takes the place of Open when only Load and Close follow. Like
	// them it changes nothing on disk; it returns ErrNoSnapshot if nothing is
	// there.
	OpenReader(ctx context.Context) error
}
