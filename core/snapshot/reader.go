package snapshot

import "context"

// Reader is a Backend that can be opened for reading alone. Every one that has
// a Location is a Reader.
type Reader interface {
	Backend
	// OpenReader takes the place of Open when only Load and Close follow. Like
	// them it changes nothing on disk; it returns ErrNoSnapshot if nothing is
	// there.
	OpenReader(ctx context.Context) error
}
