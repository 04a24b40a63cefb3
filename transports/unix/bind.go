package unix

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"
)

// bind listens on the path with the permissions mode. The listener leaves the file
// alone when it is closed; file tells it from another one at the same path.
func (t *Transport) bind(ctx context.Context, mode fs.FileMode) (ln *net.UnixListener, file fs.FileInfo, err error) {
	path := t.config.Path
	if err := t.vacate(ctx); err != nil {
		return nil, nil, err
	}
	lc := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
		// The file takes its permissions from the socket at the bind, so it is
		// at no time open to more than it should be. Where a system knows no
		// such thing, the chmod below is what counts.
		return raw.Control(func(fd uintptr) { _ = syscall.Fchmod(int(fd), uint32(mode)) })
	}}
	l, err := lc.Listen(ctx, "unix", path)
	if err != nil {
		return nil, nil, t.failed(err)
	}
	ln = l.(*net.UnixListener)
	ln.SetUnlinkOnClose(false)
	// The process's umask was applied to the permissions at the bind.
	err = os.Chmod(path, mode)
	if err == nil {
		file, err = os.Lstat(path)
	}
	if err != nil {
		_, _ = ln.Close(), os.Remove(path) // the first error is the one to tell
		return nil, nil, t.failed(err)
	}
	return ln, file, nil
}

// vacate removes a socket that a server left behind when it was killed. Anything
// else at the path is an error.
func (t *Transport) vacate(ctx context.Context) error {
	path := t.config.Path
	found, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return t.failed(err)
	}
	if found.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("%s: cannot listen on %s: it exists and is not a socket; remove it or set %s to another path", t.at.ID, path, t.at.Key("path"))
	}
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err == nil {
		_ = conn.Close() // nothing was written
		return t.failed(syscall.EADDRINUSE)
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return t.failed(err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return t.failed(err)
	}
	return nil
}

// failed explains why the path could not be bound and what to do about it.
func (t *Transport) failed(err error) error {
	key := t.at.Key("path")
	cause := err
	if errno := syscall.Errno(0); errors.As(err, &errno) {
		cause = errno
	}
	fix := "check " + key + " and the permissions of its directory"
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		fix = "stop the process that uses it or set " + key + " to another path"
	case errors.Is(err, fs.ErrNotExist):
		fix = "create its directory or set " + key + " to another path"
	case errors.Is(err, syscall.EINVAL):
		fix = "the path is longer than a socket's may be: set " + key + " to one of at most about 100 bytes"
	}
	return fmt.Errorf("%s: cannot listen on %s: %w; %s", t.at.ID, t.config.Path, cause, fix)
}
