package pebble

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/redistill-go/redistill/core/snapshot/snapshottest"
)

// wantPrivate fails the test unless the directory and all below it are for their
// owner only.
func wantPrivate(t *testing.T, dir string) {
	t.Helper()
	seen := 0
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := fileMode
		if d.IsDir() {
			want = dirMode
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %v, want %v", path, got, want)
		}
		seen++
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if seen < 10 {
		t.Errorf("the directory holds only %d entries", seen)
	}
}

// Everything in the store is for its owner only, whatever the umask is, and after
// a start also what was not before.
func TestFilesArePrivate(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	dir := filepath.Join(t.TempDir(), "store")
	s := snapshottest.NewStore()
	random := rand.New(rand.NewPCG(1, 2))
	for range 3 {
		b := New(configFor(dir))
		if err := b.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range 4 {
			s.Churn(random, 100, 200)
			saveFrom(t, b, s)
			wantPrivate(t, dir)
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		wantPrivate(t, dir)
		if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				return os.Chmod(path, 0o755)
			}
			return os.Chmod(path, 0o644)
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// A directory that holds others' files as well is not closed to them.
func TestSharedDirectoryKeepsItsMode(t *testing.T) {
	dir := t.TempDir()
	other := filepath.Join(dir, "notes.log")
	if err := os.WriteFile(other, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	b := New(configFor(dir))
	if err := b.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	save(t, b, oldRecords)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]fs.FileMode{dir: 0o755, other: 0o644, filepath.Join(dir, stateName): fileMode} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want %v", path, info.Mode().Perm(), err, want)
		}
	}
}
