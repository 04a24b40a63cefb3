package file

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

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

// isFile says whether the path is a regular file: one that is damaged at its
// beginning is still a snapshot.
func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
