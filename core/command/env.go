package command

import (
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/redistill-go/redistill/core/stats"
	"github.com/redistill-go/redistill/core/store"
	"github.com/redistill-go/redistill/core/tracking"
	"github.com/redistill-go/redistill/core/watch"
)

// Env is the server as commands see it. It is filled once at the start and is
// the same for all sessions.
type Env struct {
	Store   *store.Store
	Watch   *watch.Hub // the keys that clients watch
	Table   *Table
	Stats   *stats.Stats
	Auth    *Auth
	Clients Clients
	// Tracking tells clients of changes to the keys that they cache.
	Tracking *tracking.Tracker
	Monitors Monitors
	Pauses   Pauses
	Blocked  atomic.Int64 // clients that wait in a blocking command
	Config   Config
	// Version is this server's own version, as in "0.1.0".
	Version string
	// RunID tells this process from the one before it: 40 hex digits.
	RunID string
	// ConfigFile is the configuration file; empty: there is none.
	ConfigFile string
	// Debug says who may use DEBUG: "no" for nobody, "local" for clients on
	// this machine, "yes" for all.
	Debug string
	// SweepPaused keeps the expiry sweep from running, for tests.
	SweepPaused atomic.Bool
	// Port is the TCP port, 0 if there is none.
	Port func() int
	// Listeners are where clients can connect to, in the order of the configuration;
	// nil: that is not known.
	Listeners func() []Listener
	// Info adds the sections of INFO that need more than Env: see InfoSection.
	Info []InfoSection
	// MaxBulk is the longest value in bytes that commands may make; 0: 512 MiB.
	MaxBulk int64
	// Stopper stops the process. Nil: it can't be asked to.
	Stopper Stopper
	// Snapshots saves snapshots. Nil: there is nowhere to save them.
	Snapshots Snapshots
	// Outside adds what is held outside the store: by clients and by the process
	// itself. arriving is how many bytes of what clients hold are values in the
	// store's memory, which are there already. Nil: that is not known.
	Outside func(h *stats.Held, arriving int64)
	// Loading says whether a snapshot is being loaded.
	Loading *atomic.Bool
}

// MaxString is the longest value in bytes that commands may make.
func (e *Env) MaxString() int64 {
	if e.MaxBulk == 0 {
		return 512 << 20
	}
	return e.MaxBulk
}

// InfoSection is a part of INFO.
type InfoSection struct {
	Name  string // in lower case, as in "persistence"
	Lines func(add func(name, value string))
}

// Auth is the password, which CONFIG SET may change.
type Auth struct{ password atomic.Pointer[string] }

// SetPassword changes the password; empty: none is asked for. Clients that are
// authenticated already stay so.
func (a *Auth) SetPassword(p string) { a.password.Store(&p) }

// Password is the password; empty: none is asked for.
func (a *Auth) Password() string {
	if p := a.password.Load(); p != nil {
		return *p
	}
	return ""
}

// Clients is the register of connected clients.
type Clients interface {
	// Each calls f for every client in the order of their IDs.
	Each(f func(*Client))
	Count() int
	// Find looks for a client by its ID; nil if there is none.
	Find(id int64) *Client
}

// Config is the configuration as CONFIG GET and SET see it: Redis's names for
// what this server has. The order is fixed.
type Config interface {
	// Get calls f for every parameter whose name matches.
	Get(match func(name string) bool, f func(name, value string))
	// Set changes parameters, all or none. The error is a whole reply text
	// beginning with "ERR ".
	Set(pairs [][2]string) error
}

// Informer is a part of the process that has something to tell in INFO. A module whose
// policy, backend, transport or service implements it adds to the reply.
type Informer interface {
	// InfoSections is called once, before the first client is served. The sections'
	// Lines are called for each INFO, from any goroutine, perhaps while all shards are
	// locked: they must not wait for one.
	InfoSections() []InfoSection
}

// Check says what is wrong with a section; its name must be one that INFO can be
// asked for.
func (s InfoSection) Check() error {
	if s.Name == "" || s.Lines == nil {
		return fmt.Errorf("the INFO section %q lacks a name or its Lines; this is a mistake in the module", s.Name)
	}
	for _, c := range s.Name {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return fmt.Errorf("the INFO section %q has a name with other than lower-case letters, digits and _; rename it", s.Name)
		}
	}
	switch s.Name {
	case "all", "default", "everything":
		return fmt.Errorf("the INFO section %q has a name that INFO uses for several sections; rename it", s.Name)
	}
	return nil
}

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

// Listener is where clients can connect to.
type Listener struct {
	Name string // the transport's, as in "tcp"
	Addr net.Addr
}

// String is as INFO has it: its name, then what is bound.
func (l Listener) String() string {
	if at, ok := l.Addr.(*net.TCPAddr); ok {
		return fmt.Sprintf("name=%s,bind=%s,port=%d", l.Name, at.IP, at.Port)
	}
	return fmt.Sprintf("name=%s,bind=%s", l.Name, l.Addr)
}
