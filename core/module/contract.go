package module

import (
	"context"
	"errors"
	"net"
)

// Server is what the core's server offers to transports.
type Server interface {
	// Serve accepts connections from l and runs a session on each until l is
	// closed, and then returns nil. It owns l's connections from accept to
	// close. kind is the transport's ID, for logs and statistics. Several
	// goroutines may serve, each its own listener.
	Serve(l net.Listener, kind string) error
}

// Listener is a transport: it opens the sockets that clients connect to and
// hands them to the server.
//
// The process calls Start once and Stop once, from one goroutine, in that
// order; Stop is also called when Start of a later part failed.
type Listener interface {
	// ID is the module's ID.
	ID() string
	// Enabled says whether the configuration asks for this transport. Start
	// of a transport that is not enabled is not called.
	Enabled() bool
	// Start binds before it returns, so that a taken port is an error here,
	// and then serves from a goroutine of its own. The error says what could
	// not be bound and why.
	Start(ctx context.Context, srv Server) error
	// Addr is the bound address, with the real port where the configured one
	// was 0. Nil before Start.
	Addr() net.Addr
	// Stop closes the listening socket and returns when its serving goroutine
	// has ended. Connections already accepted belong to the server and live on.
	Stop(ctx context.Context) error
}

// Service is any other part with a life: an admin endpoint, an exporter.
// The rules of Listener's Start and Stop hold.
type Service interface {
	ID() string
	Enabled() bool
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
}

// ErrNoSnapshot is returned by Backend.Load when there is nothing to load,
// which is what a first start looks like.
var ErrNoSnapshot = errors.New("no snapshot")

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

// Source yields the store's live keys once.
type Source interface {
	// Walk calls yield for each key in no particular order and stops at the
	// first error, which it returns. The record's bytes are valid during the
	// call only.
	Walk(ctx context.Context, yield func(Record) error) error
	// Len is about how many keys there are.
	Len() int
}

// Sink takes the keys of a snapshot.
type Sink interface {
	// Put stores the record; its bytes may be reused after it returns.
	// Records that have already expired are dropped without an error.
	Put(r Record) error
}

// SnapshotInfo is what a finished Save or Load tells.
type SnapshotInfo struct {
	Keys  int64 // records written or read
	Bytes int64 // bytes written or read on disk
}

// Backend is a persistence backend: somewhere a snapshot can be kept.
//
// Open is called once, before everything else; Close once, after everything
// else. Save and Load are never called at the same time, nor twice at once.
type Backend interface {
	ID() string
	// Open prepares the place where snapshots are kept and fails if it can't
	// be written.
	Open(ctx context.Context) error
	// Save writes all of src as the newest snapshot. When it fails or is
	// cancelled, the snapshot before it is untouched and whole.
	Save(ctx context.Context, src Source) (SnapshotInfo, error)
	// Load reads the newest complete snapshot into sink, or returns
	// ErrNoSnapshot. Damage is an error that says which file, where in it and
	// what to do; a damaged snapshot is never changed.
	Load(ctx context.Context, sink Sink) (SnapshotInfo, error)
	Close() error
}
