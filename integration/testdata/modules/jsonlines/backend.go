// Package jsonlines is a persistence backend that keeps the snapshot as text which
// other programs can read: a line of JSON for each key, with bytes in base64.
//
//	{"format":"redistill-jsonlines","version":1}
//	{"key":"Z3JlZXRpbmc=","value":"aGVsbG8="}
//	{"key":"dXNlcjox","fields":[{"name":"bmFtZQ==","value":"QWRh"}],"expire_at":1893456000000}
//	{"keys":2,"sha256":"..."}
//
// Times are in milliseconds since the Unix epoch. The last line has the number of keys
// and the checksum of all lines before it.
//
// Invariants: a snapshot is written to a file beside it, synced, and renamed over it,
// so that there is always the whole old one or the whole new one; what is not exactly
// what was written is refused, and left as it is.
//
// Concurrency: none; see snapshot.Backend.
package jsonlines

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/persistence/disk"
)

// ID is the module's ID.
const ID = "persistence.jsonlines"

func init() {
	snapshot.Register(ID, "Snapshots in one file with a line of JSON for each key", "persistence.jsonlines", NewConfig, New,
		snapshot.Location{Key: "path", Recognises: recognises})
}

// Config is the section persistence.jsonlines.
type Config struct {
	Path string `toml:"path" doc:"the snapshot file; its directory must exist and be writable"`
}

// NewConfig returns the defaults.
func NewConfig() *Config { return &Config{Path: "dump.jsonl"} }

// Validate reports what is wrong with the path.
func (c *Config) Validate() error {
	if c.Path == "" || os.IsPathSeparator(c.Path[len(c.Path)-1]) {
		return &config.FieldError{Key: "path", Problem: fmt.Sprintf("%q is no name of a file", c.Path), Fix: "name one, as in dump.jsonl"}
	}
	return nil
}

// Backend is a snapshot.Backend.
type Backend struct {
	fs       disk.FS
	path     string
	progress snapshot.Progress // of Load, in bytes of the file
}

var (
	_ snapshot.Reader = (*Backend)(nil)
	_ snapshot.Loader = (*Backend)(nil)
)

// New makes the backend of a valid config; it touches no file.
func New(c *Config) *Backend { return newOn(disk.OS, c.Path) }

func newOn(fs disk.FS, path string) *Backend { return &Backend{fs: fs, path: path} }

// ID is the module's ID.
func (b *Backend) ID() string { return ID }

// Open looks whether a snapshot could be written, and changes nothing.
func (b *Backend) Open(context.Context) error {
	switch info, err := b.fs.Stat(b.path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return b.fail(err, "check the path and its permissions")
	case !info.Mode().IsRegular():
		return b.fail(errors.New("is not a regular file"), "set path to the name of a file")
	}
	if err := b.fs.Writable(b.dir()); err != nil {
		return b.fail(err, "create the directory, make it writable for the server's user, or set another path")
	}
	return nil
}

// OpenReader looks whether there is a snapshot.
func (b *Backend) OpenReader(context.Context) error {
	switch _, err := b.fs.Stat(b.path); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: %s: %w", ID, b.path, snapshot.ErrNoSnapshot)
	case err != nil:
		return b.fail(err, "check the path and its permissions")
	}
	return nil
}

// Close has nothing to give back: no file is open between calls.
func (b *Backend) Close() error { return nil }

// LoadProgress is that of Load.
func (b *Backend) LoadProgress() *snapshot.Progress { return &b.progress }

func (b *Backend) dir() string { return filepath.Dir(b.path) }

// fail says which file an error is about and what to do.
func (b *Backend) fail(err error, fix string) error {
	return fmt.Errorf("%s: %s: %w; %s", ID, b.path, err, fix)
}

// recognises says whether a file begins as a snapshot does.
func recognises(path string) bool {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() // it was only read
	start := make([]byte, len(firstLine))
	_, err = io.ReadFull(f, start)
	return err == nil && string(start) == firstLine
}
