// Package disk is the little of a file system that a backend needs which keeps
// its snapshots in files of its own, as an interface, so that tests can put a
// disk in its place that fills up, fails, or loses what was not synced:
// package simdisk.
//
// Invariants: what Sync or SyncDir returned without an error for survives a
// power cut; of everything else any part may be lost, directory entries as well
// as data.
//
// Concurrency: an FS may be used by several goroutines at once, a File by one.
package disk

import (
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// FS is a file system. Errors are *fs.PathError or *os.LinkError, as package
// os returns them.
type FS interface {
	// Create makes a new file, which only its owner may read and write. It
	// fails with fs.ErrExist if there is one.
	Create(name string) (File, error)
	// Open opens a file for reading.
	Open(name string) (File, error)
	Stat(name string) (fs.FileInfo, error)
	// Writable says why files can't be created in a directory. It only looks.
	Writable(dir string) error
	// Rename puts a file in the place of another, if there is one: whoever
	// looks finds one or the other.
	Rename(from, to string) error
	Remove(name string) error
	// List returns the names of the regular files in a directory.
	List(dir string) ([]string, error)
	// SyncDir makes durable what was created, renamed and removed in dir.
	SyncDir(dir string) error
}

// File is an open file.
type File interface {
	io.ReadWriteCloser
	// Sync makes durable what was written.
	Sync() error
	// StartSync asks for n bytes from offset on to be brought to the disk, so
	// that Sync has less to wait for. It promises nothing.
	StartSync(offset, n int64)
}

// OS is the file system of the operating system.
var OS FS = system{}

type system struct{}

func (system) Create(name string) (File, error) {
	return opened(os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600))
}

func (system) Open(name string) (File, error)        { return opened(os.Open(name)) }
func (system) Stat(name string) (fs.FileInfo, error) { return os.Stat(name) }
func (system) Rename(from, to string) error          { return os.Rename(from, to) }
func (system) Remove(name string) error              { return os.Remove(name) }

func (system) Writable(dir string) error {
	if err := unix.Faccessat(unix.AT_FDCWD, dir, unix.W_OK|unix.X_OK, unix.AT_EACCESS); err != nil {
		return &fs.PathError{Op: "write to", Path: dir, Err: err}
	}
	return nil
}

func (system) List(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

func (system) SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := d.Sync(); err != nil {
		_ = d.Close() // the sync's error is the one that matters
		return err
	}
	return d.Close()
}

func opened(f *os.File, err error) (File, error) {
	if err != nil {
		return nil, err // not f: a nil *os.File is no nil File
	}
	return file{f}, nil
}

type file struct{ *os.File }

func (f file) StartSync(offset, n int64) {
	_ = unix.SyncFileRange(int(f.Fd()), offset, n, unix.SYNC_FILE_RANGE_WRITE)
}
