package snapshot

import (
	"context"
	"time"
)

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
	// the first error, or when ctx ends, be it with the last record, and returns
	// that error, so that yield need not look at ctx. A record's
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
