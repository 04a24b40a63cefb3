package pebble

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
	"golang.org/x/sys/unix"
)

// The modes of all that the store has on disk: it holds what the server holds.
const (
	fileMode fs.FileMode = 0o600
	dirMode  fs.FileMode = 0o700
)

// privateFS is the operating system's file system, on which new files and
// directories are for their owner only, whatever the umask says.
type privateFS struct{ vfs.FS }

var private = privateFS{vfs.Default}

// Create implements vfs.FS.
func (p privateFS) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	return tightened(p.FS.Create(name, category))
}

// OpenReadWrite implements vfs.FS.
func (p privateFS) OpenReadWrite(name string, category vfs.DiskWriteCategory, opts ...vfs.OpenOption) (vfs.File, error) {
	return tightened(p.FS.OpenReadWrite(name, category, opts...))
}

// ReuseForWrite implements vfs.FS.
func (p privateFS) ReuseForWrite(from, to string, category vfs.DiskWriteCategory) (vfs.File, error) {
	return tightened(p.FS.ReuseForWrite(from, to, category))
}

// MkdirAll implements vfs.FS.
func (p privateFS) MkdirAll(dir string, _ fs.FileMode) error { return p.FS.MkdirAll(dir, dirMode) }

// Unwrap implements vfs.FS.
func (p privateFS) Unwrap() vfs.FS { return p.FS }

func tightened(f vfs.File, err error) (vfs.File, error) {
	if err != nil {
		return nil, err
	}
	if err := unix.Fchmod(int(f.Fd()), uint32(fileMode)); err != nil {
		_ = f.Close() // the mode's error is the one that matters
		return nil, fmt.Errorf("its mode can't be set: %w", err)
	}
	return f, nil
}

// errLocked is what the second to lock a file is told.
var errLocked = errors.New("is in use by another server or tool: its lock file is locked")

// Lock implements vfs.FS. Unlike that of vfs.Default, which it keeps out and is
// kept out by, it leaves what is in the file: the file may be anything if the
// directory is damaged.
func (p privateFS) Lock(name string) (io.Closer, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, fileMode)
	if err != nil {
		return nil, err
	}
	// The lock of this open file: one of the process would be lost as soon as
	// anybody in it closes the file.
	err = unix.FcntlFlock(f.Fd(), unix.F_OFD_SETLK, &unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart})
	if err != nil {
		_ = f.Close() // the lock's error is the one that matters
		if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES) {
			return nil, errLocked
		}
		return nil, err
	}
	return f, nil
}

// writable says why nothing can be created in a directory. It only looks.
func (privateFS) writable(dir string) error {
	if err := unix.Faccessat(unix.AT_FDCWD, dir, unix.W_OK|unix.X_OK, unix.AT_EACCESS); err != nil {
		return &fs.PathError{Op: "write to", Path: dir, Err: err}
	}
	return nil
}

// ordered is what Pebble writes to: a file system on which the name of a manifest is safe from a power
// cut before the manifest is written, and so before the marker that names it.
// Pebble syncs the names of both at once, and of two names that are not synced a
// power cut may take either.
type ordered struct{ vfs.FS }

// Create implements vfs.FS.
func (o ordered) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := o.FS.Create(name, category)
	if err != nil || !strings.HasPrefix(o.PathBase(name), manifestPrefix) {
		return f, err
	}
	if err := syncDir(o, o.PathDir(name)); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Lock implements vfs.FS. The backend holds the lock, also while Pebble has the
// store closed.
func (ordered) Lock(string) (io.Closer, error) { return unlocked{}, nil }

// Unwrap implements vfs.FS.
func (o ordered) Unwrap() vfs.FS { return o.FS }

func syncDir(on vfs.FS, dir string) error {
	d, err := on.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// errLooking is what an attempt to change something is told while a store is
// only looked at.
var errLooking = errors.New("nothing may be changed yet")

// lookOnly is a file system on which nothing can be changed, so that a store
// that is refused is as it was, whatever Pebble makes of it.
type lookOnly struct{ vfs.FS }

// Create implements vfs.FS.
func (lookOnly) Create(string, vfs.DiskWriteCategory) (vfs.File, error) { return nil, errLooking }

// Link implements vfs.FS.
func (lookOnly) Link(string, string) error { return errLooking }

// OpenReadWrite implements vfs.FS.
func (lookOnly) OpenReadWrite(string, vfs.DiskWriteCategory, ...vfs.OpenOption) (vfs.File, error) {
	return nil, errLooking
}

// Remove implements vfs.FS.
func (lookOnly) Remove(string) error { return errLooking }

// RemoveAll implements vfs.FS.
func (lookOnly) RemoveAll(string) error { return errLooking }

// Rename implements vfs.FS.
func (lookOnly) Rename(string, string) error { return errLooking }

// ReuseForWrite implements vfs.FS.
func (lookOnly) ReuseForWrite(string, string, vfs.DiskWriteCategory) (vfs.File, error) {
	return nil, errLooking
}

// MkdirAll implements vfs.FS.
func (lookOnly) MkdirAll(string, fs.FileMode) error { return errLooking }

// Lock implements vfs.FS: see ordered.
func (lookOnly) Lock(string) (io.Closer, error) { return unlocked{}, nil }

// Unwrap implements vfs.FS.
func (l lookOnly) Unwrap() vfs.FS { return l.FS }

// unlocked is a lock that keeps nobody out.
type unlocked struct{}

func (unlocked) Close() error { return nil }
