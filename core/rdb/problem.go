package rdb

import "fmt"

// Error is what is wrong with a stream and where.
type Error struct {
	// Offset is the position in bytes of the part that is wrong.
	Offset int64
	// Problem says what is wrong, Fix what to do.
	Problem, Fix string
	// Err is the cause, if there is one: a failed read, for example.
	Err error
}

func (e *Error) Error() string {
	s := fmt.Sprintf("offset %d: %s", e.Offset, e.Problem)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s + "; " + e.Fix
}

func (e *Error) Unwrap() error { return e.Err }

// What to do about each family of problems.
const (
	fixDamaged = "the file is damaged: restore it from a copy, or move it away to start empty"
	fixVersion = "update this server, save the file with Redis up to 8.8 or Valkey up to 9, or move it away to start empty"
	fixFeature = "delete this on the server that wrote the file and save again, " + fixSkip
	fixSkip    = "set skip_unsupported = true to load the rest, or move the file away to start empty"
)

// quote shows a key in an error: printable, and short whatever the key is.
func quote(key []byte) string {
	const limit = 64
	if len(key) > limit {
		return fmt.Sprintf("%q...", key[:limit])
	}
	return fmt.Sprintf("%q", key)
}
