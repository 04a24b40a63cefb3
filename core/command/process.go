package command

import (
	"errors"
	"time"
)

// Snapshots is what the process does with snapshots. Its methods may be called
// from any goroutine.
type Snapshots interface {
	// Begin begins to save the state of this moment and returns while that goes
	// on; done then yields how it ended. later says that the caller has locked
	// shards: the moment is one after he has unlocked them. ErrSaving and
	// ErrNoBackend say why not.
	Begin(later bool) (done <-chan error, err error)
	// Figures tells of the save that is under way.
	Figures() SnapshotFigures
}

// SnapshotFigures are about the save that is under way, zero if none is.
type SnapshotFigures struct {
	Began       time.Time
	Keys, Total int64 // keys that were read for it so far; about how many there are
}

// Why no snapshot is saved. The first is Redis's text.
var (
	ErrSaving    = errors.New("Background save already in progress") //nolint:revive,staticcheck // Redis's own
	ErrNoBackend = errors.New("there is nowhere to save a snapshot: start the server with persistence.backend set")
)

// LastSnapshot says whether a stop saves a snapshot.
type LastSnapshot uint8

// What SHUTDOWN asks for.
const (
	SaveAsConfigured LastSnapshot = iota
	SaveNever
	SaveAlways // an error if there is nothing to save with
)

// Stop is how the process is asked to stop.
type Stop struct {
	Last LastSnapshot
	// Force is to stop even if the last snapshot can't be saved.
	Force bool
}

// Stopper is the process, as far as it can be stopped.
type Stopper interface {
	// Stop returns when the process is about to end, which is once the last
	// snapshot has been saved, or with the reason why it goes on. Whoever asks
	// while a stop is under way waits for that one, and with SaveNever or Force
	// lets it go on without the snapshot.
	Stop(Stop) error
	// Abort makes a stop that is under way fail, and says whether there is one.
	Abort() bool
}
