package snapshot

import (
	"context"
	"errors"
	"time"
)

// ErrNoSnapshot is returned by Backend.Load when there is nothing to load,
// which is what a first start looks like.
var ErrNoSnapshot = errors.New("no snapshot")

// ErrTwice is returned by Sink.Put for a key that it has been given before: the
// snapshot is damaged, or was never one.
var ErrTwice = errors.New("the key is in the snapshot twice")

// Sink takes the keys of a snapshot.
type Sink interface {
	// Put stores the record; its bytes may be reused after it returns. It may
	// be called from several goroutines at once. Records that have already
	// expired are dropped without an error. It may fail with ErrTwice, but need
	// not find that out.
	Put(r Record) error
}

// Info is what a finished Save or Load tells.
type Info struct {
	// Keys is how many records were read or written: of an increment, those
	// that it has.
	Keys int64
	// Bytes is how many bytes these take on disk.
	Bytes int64
	// SkippedKeys were not loaded because this server has no such type.
	SkippedKeys int64
}

// Backend is a persistence backend: somewhere a snapshot can be kept.
//
// Open is called once, before everything else; Close once, after everything
// else. Save and Load are never called at the same time, nor twice at once.
type Backend interface {
	ID() string
	// Open prepares the place where snapshots are kept and fails if it can't
	// be written. Where there is a snapshot, it changes nothing yet.
	Open(ctx context.Context) error
	// Save takes a view of src, writes it as the newest snapshot and closes
	// it. When it fails or is cancelled, the snapshot before it is untouched
	// and whole.
	Save(ctx context.Context, src Source) (Info, error)
	// Load reads the newest complete snapshot into sink, or returns
	// ErrNoSnapshot, which is never the answer where one has been. A backend that
	// keeps all of it in one file can't tell whether that was removed, and one whose
	// directory was removed can't either.
	//
	// Damage is an error that says which file, where in it and what to do; it is
	// never taken for an older snapshot. No file is changed, made or removed until
	// Load has succeeded, or Save replaces the snapshot.
	Load(ctx context.Context, sink Sink) (Info, error)
	Close() error
}

// Incremental is a Backend that saves changes. The store keeps track of them
// for no other.
type Incremental interface {
	Backend
	// Incremental says whether Save calls Source.Changes; it does not change
	// during a Backend's life.
	Incremental() bool
}

// Continuous is a Backend that may want snapshots more often than the operator
// asks for elsewhere.
type Continuous interface {
	Backend
	// SaveEvery is the time from the end of one save to the next, in place of
	// persistence.interval; 0: that one holds.
	SaveEvery() time.Duration
}
