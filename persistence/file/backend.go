package file

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/persistence/disk"
)

// ID is the module's name.
const ID = "persistence.file"

func init() {
	snapshot.Register(ID, "Snapshots in one RDB file, which Redis reads and writes too", "persistence.file", DefaultConfig, New,
		snapshot.Location{Key: "path", Recognises: isFile, CouldBe: isNamed, SkipKey: "skip_unsupported"})
}

var _ snapshot.Loader = (*Backend)(nil)

// Backend keeps the newest snapshot in one file.
type Backend struct {
	fs       disk.FS
	path     string
	compress bool
	skip     bool
	// stale: there may be temporary files of an earlier process, which are to be
	// removed when the snapshot has proved to be sound.
	stale    bool
	progress snapshot.Progress // of Load, in bytes of the file
}

// New makes the backend; it touches no file until Open.
func New(cfg *Config) *Backend { return NewOn(disk.OS, cfg) }

// NewOn is New for another file system than the operating system's.
func NewOn(fs disk.FS, cfg *Config) *Backend {
	return &Backend{fs: fs, path: cfg.Path, compress: cfg.Compression, skip: cfg.SkipUnsupported}
}

// ID is the module's ID.
func (b *Backend) ID() string { return ID }

// LoadProgress implements snapshot.Loader.
func (b *Backend) LoadProgress() *snapshot.Progress { return &b.progress }

// Open looks whether a snapshot could be written. It changes nothing, so that a
// start which is refused because the snapshot is damaged leaves all as it was.
func (b *Backend) Open(context.Context) error {
	switch info, err := b.fs.Stat(b.path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return b.fail(err, "check the path and its permissions")
	case !info.Mode().IsRegular():
		return b.fail(errors.New("is not a regular file"), "set path to the name of a file")
	}
	if err := b.fs.Writable(b.dir()); err != nil {
		return b.fail(err, fixDir)
	}
	b.stale = true
	return nil
}

const fixDir = "create the directory, make it writable for the server's user, or set another path"

// Close has nothing to release: no file is open between calls.
func (b *Backend) Close() error { return nil }

func (b *Backend) dir() string { return filepath.Dir(b.path) }

// fail says which file err is about and, after it, what to do. An empty fix
// leaves the error to speak for itself.
func (b *Backend) fail(err error, fix string) error {
	if fix == "" {
		return fmt.Errorf("%s: %s: %w", ID, b.path, err)
	}
	return fmt.Errorf("%s: %s: %w; %s", ID, b.path, err, fix)
}
