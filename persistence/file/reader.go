package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/redistill-go/redistill/core/rdb"
	"github.com/redistill-go/redistill/core/snapshot"
)

var _ snapshot.Reader = (*Backend)(nil)

// OpenReader implements snapshot.Reader: it only looks whether there is a file. A
// pipe would keep whoever opens it waiting for somebody to write.
func (b *Backend) OpenReader(context.Context) error {
	switch info, err := b.fs.Stat(b.path); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: %s: %w", ID, b.path, snapshot.ErrNoSnapshot)
	case err != nil:
		return b.fail(err, "check the path and its permissions")
	case !info.Mode().IsRegular():
		return b.fail(errors.New("is not a regular file"), "name a file")
	}
	return nil
}

// isNamed says whether the path is a regular file with the name of a snapshot.
func isNamed(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && filepath.Ext(path) == ".rdb"
}

// isFile says whether the path is a regular file that begins as a snapshot does.
func isFile(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() // it was only read
	head := make([]byte, rdb.MagicSize)
	n, _ := io.ReadFull(f, head) // a file that is cut off early may be one too
	return rdb.Begins(head[:n])
}
