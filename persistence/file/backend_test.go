package file

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/snapshot/snapshottest"
)

// names lists a directory.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// What an interrupted Save has left goes when the snapshot has been loaded, or
// there is none, or it is replaced: not while it may still be refused.
func TestLeftoversAreRemoved(t *testing.T) {
	kept := []string{
		"dump.rdb.bak", "dump.rdb.redistill-.tmp", "dump.rdb.redistill-1.tmp.gz",
		"dump.rdb.redistill-1x.tmp", "other.rdb.redistill-1.tmp", "temp-1.rdb",
	}
	left := []string{"dump.rdb.redistill-1.tmp", "dump.rdb.redistill-987654321.tmp"}
	load := func(t *testing.T, b *Backend) error { _, err := b.Load(t.Context(), &snapshottest.Sink{}); return err }
	save := func(t *testing.T, b *Backend) error {
		_, err := b.Save(t.Context(), snapshottest.Numbered(10, "x").Source())
		return err
	}
	for name, test := range map[string]struct {
		prepare, do func(*testing.T, *Backend) error
		removed     bool
	}{
		"sound":      {save, load, true},
		"first load": {nil, load, true},
		"first save": {nil, save, true},
		"damaged": {func(t *testing.T, b *Backend) error { return os.WriteFile(b.path, []byte("REDIS"), 0o600) }, func(t *testing.T, b *Backend) error {
			if err := load(t, b); err == nil {
				t.Error("a damaged file was loaded")
			}
			return nil
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			b := New(&Config{Path: at(dir)})
			if test.prepare != nil {
				if err := test.prepare(t, b); err != nil {
					t.Fatal(err)
				}
			}
			for _, name := range slices.Concat(kept, left) {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			before := names(t, dir)
			if err := b.Open(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := names(t, dir); !slices.Equal(got, before) {
				t.Errorf("after Open the directory holds %q, want %q", got, before)
			}
			if err := test.do(t, b); err != nil && !errors.Is(err, snapshot.ErrNoSnapshot) {
				t.Fatal(err)
			}
			want := before
			if test.removed {
				want = kept
			}
			if got := slices.DeleteFunc(names(t, dir), func(n string) bool { return n == "dump.rdb" }); !slices.Equal(got, slices.DeleteFunc(want, func(n string) bool { return n == "dump.rdb" })) {
				t.Errorf("after it the directory holds %q, want %q", got, want)
			}
		})
	}
}

func TestSaveLeavesNoTemporaryFile(t *testing.T) {
	dir := t.TempDir()
	b := New(&Config{Path: at(dir)})
	if _, err := b.Save(t.Context(), snapshottest.Numbered(10, "x").Source()); err != nil {
		t.Fatal(err)
	}
	failed := errors.New("sudden failure")
	if _, err := b.Save(t.Context(), failingSource{failed}); !errors.Is(err, failed) {
		t.Fatalf("error %v, want the source's", err)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"dump.rdb"}) {
		t.Errorf("the directory holds %q, want the snapshot only", got)
	}
	info, err := os.Stat(at(dir))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the snapshot's mode is %v, %v; want 0600", info.Mode(), err)
	}
}

func TestSizeReported(t *testing.T) {
	dir := t.TempDir()
	b := New(&Config{Path: at(dir)})
	saved, err := b.Save(t.Context(), snapshottest.Numbered(1000, "x").Source())
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := b.Load(t.Context(), &snapshottest.Sink{})
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(at(dir))
	if err != nil {
		t.Fatal(err)
	}
	want := snapshot.Info{Keys: 1000, Bytes: info.Size()}
	if saved != want || loaded != want {
		t.Errorf("saved %+v, loaded %+v, want %+v", saved, loaded, want)
	}
	// The checksum at the end is not part of any record.
	if done, total := b.LoadProgress().Now(); total != info.Size() || done < total-8 {
		t.Errorf("after the load it is at %d of %d", done, total)
	}
}

func TestOpenRefusesDirectory(t *testing.T) {
	dir := t.TempDir()
	err := New(&Config{Path: dir}).Open(t.Context())
	if err == nil || !strings.Contains(err.Error(), "is not a regular file") {
		t.Errorf("Open of a directory: %v", err)
	}
}

func TestErrorsSayWhere(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(at(dir), []byte("REDIS0010\xFE\x00\x01\x01k"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := New(&Config{Path: at(dir)}).Load(t.Context(), &snapshottest.Sink{})
	want := "persistence.file: " + at(dir) + `: offset 11: key "k" is of type list, which this server does not have; delete this on`
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got  %v\nwant %s...", err, want)
	}
}

func TestValidate(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Errorf("the defaults are refused: %v", err)
	}
	for _, path := range []string{"", "dir/", ".", "..", "/", "a\x00b"} {
		var field *config.FieldError
		err := (&Config{Path: path}).Validate()
		if !errors.As(err, &field) || field.Key != "path" || field.Fix == "" {
			t.Errorf("path %q: error %v, want a FieldError of path", path, err)
		}
	}
}

// failingSource fails after one record.
type failingSource struct{ err error }

func (s failingSource) View() (snapshot.View, error) {
	v, err := snapshottest.Numbered(2, "x").Source().View()
	return failingView{v, s.err}, err
}

func (s failingSource) Changes() (snapshot.View, error) { return s.View() }

type failingView struct {
	snapshot.View
	err error
}

func (v failingView) Walk(_ context.Context, _ int, yield func(int, snapshot.Record) error) error {
	if err := yield(0, snapshot.Record{Key: []byte("k")}); err != nil {
		return err
	}
	return v.err
}
