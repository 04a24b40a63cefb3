package module

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

// Record is one key with its value as it travels between the store and a
// persistence backend.
type Record struct {
	Key []byte
	// Value is the string value, 0 bytes to 512 MiB, unless Fields is not nil.
	Value []byte
	// Fields are the fields of a hash, in no particular order and each once;
	// nil: the value is a string.
	Fields []Field
	// ExpireAt is the expiry in milliseconds since the Unix epoch; 0: none.
	ExpireAt int64
}

// Field is one field of a hash.
type Field struct {
	Name, Value []byte // 0 bytes to 512 MiB each
	// ExpireAt is the expiry in milliseconds since the Unix epoch; 0: none.
	ExpireAt int64
}

// Source is where a backend gets the state of the store from. There is one
// View at a time: asking for another before it is closed is an error.
type Source interface {
	// View takes the state of this moment.
	View() (View, error)
	// Changes is View of what changed since the last view from Changes that
	// was closed as kept, or since Load. Its View may have everything instead:
	// see View.Full. Only an Incremental backend may call it.
	Changes() (View, error)
}

// View is the state of the store at one moment, or what had changed by then,
// while clients go on writing. Deleted and Walk are called once at most, in
// this order, from one goroutine; Close is called once, after them.
type View interface {
	// Taken is the moment.
	Taken() time.Time
	// Full says that the view has everything and not changes only: View's
	// have, and those of Changes where what changed is not known, which is so
	// without a snapshot to start from, after FLUSHALL and when too many keys
	// were deleted to remember them.
	Full() bool
	// Len is about how many records Walk yields.
	Len() int
	// Deleted yields the keys that are gone since the base, some perhaps more
	// than once, and keys that Walk yields with a new value may be among them:
	// deletions come first. It yields nothing if the view is full. It stops at
	// the first error, which it returns.
	Deleted(yield func(key []byte) error) error
	// Walk calls yield for each record once, in no particular order, from
	// workers goroutines at once; worker tells which, from 0 on. It stops at
	// the first error, or when ctx ends, and returns that error. A record's
	// bytes are valid during the call only. No lock is held: yield may block.
	//
	// What had expired at the moment is left out of a full view. A view of
	// changes has it, with its expiry: it takes the place of an older value.
	Walk(ctx context.Context, workers int, yield func(worker int, r Record) error) error
	// Close ends the view. kept says that what it had is safely stored, and is
	// what the next Changes start from; otherwise that is what it was.
	Close(kept bool)
}

// Paced is a View whose Walk leaves time to clients between records.
type Paced interface {
	View
	// Rest leaves time to clients in between. A backend that works for longer
	// than a tenth of a millisecond on what it was yielded calls it now and
	// then from the worker's goroutine, or after the walk from any.
	Rest(ctx context.Context, worker int) error
}

// Sink takes the keys of a snapshot.
type Sink interface {
	// Put stores the record; its bytes may be reused after it returns. It may
	// be called from several goroutines at once. Records that have already
	// expired are dropped without an error. It may fail with ErrTwice, but need
	// not find that out.
	Put(r Record) error
}

// SnapshotInfo is what a finished Save or Load tells.
type SnapshotInfo struct {
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
	Save(ctx context.Context, src Source) (SnapshotInfo, error)
	// Load reads the newest complete snapshot into sink, or returns
	// ErrNoSnapshot, which is never the answer where one has been. A backend that
	// keeps all of it in one file can't tell whether that was removed, and one whose
	// directory was removed can't either.
	//
	// Damage is an error that says which file, where in it and what to do; it is
	// never taken for an older snapshot. No file is changed, made or removed until
	// Load has succeeded, or Save replaces the snapshot.
	Load(ctx context.Context, sink Sink) (SnapshotInfo, error)
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
