package pebble

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2"

	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/snapshot/snapshottest"
)

// stored makes a store with one snapshot and returns its directory.
func stored(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "store")
	b := New(configFor(dir))
	if err := b.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	save(t, b, oldRecords)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// contents are the files of a directory.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		p, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = string(p)
	}
	return all
}

// matching is the path of the only file of that pattern.
func matching(t *testing.T, dir, pattern string) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: %q, %v", pattern, paths, err)
	}
	return paths[0]
}

// TestRefused: what is found before anything is read from the tables. Each is
// refused by a server and by a tool that only reads, and changes nothing.
func TestRefused(t *testing.T) {
	remove := func(pattern string) func(*testing.T, string) error {
		return func(t *testing.T, dir string) error { return os.Remove(matching(t, dir, pattern)) }
	}
	write := func(name, content string) func(*testing.T, string) error {
		return func(t *testing.T, dir string) error {
			return os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600)
		}
	}
	for name, test := range map[string]struct {
		do      func(t *testing.T, dir string) error
		problem string
	}{
		"no marker": {remove("marker.manifest.*"), "marker.manifest.* is missing"},
		"no marker, no record": {func(t *testing.T, dir string) error {
			return errors.Join(remove("marker.manifest.*")(t, dir), remove(stateName)(t, dir))
		}, ".sst: no manifest names it, and marker.manifest.* is missing"},
		"no manifest":       {remove("MANIFEST-*"), "MANIFEST-000001: is missing"},
		"an empty manifest": {write("MANIFEST-000001", ""), "MANIFEST-000001: "},
		"no format":         {remove("marker.format-version.*"), "marker.format-version.* is missing"},
		"no record":         {remove(stateName), "SNAPSHOT: the record of the last snapshot is missing"},
		"an empty record":   {write(stateName, ""), "SNAPSHOT: it is not the record of a snapshot, or damaged"},
		"a newer record":    {write(stateName, "what this store holds, version 9\n"), `SNAPSHOT: it is "what this store holds, version 9", which`},
		"no table":          {remove("*.sst"), ".sst: is missing"},
		"another table":     {write("000099.sst", "what is this?"), "000099.sst: no manifest names it"},
		"a blob":            {write("000099.blob", ""), "000099.blob: no manifest names it"},
		"another program's": {write("CURRENT", "MANIFEST-000001\n"), "CURRENT: the store is of another program"},
		"options":           {write("OPTIONS-000099", "[Options]\n  comparer=other\n"), "OPTIONS-000099: "},
	} {
		t.Run(name, func(t *testing.T) {
			dir := stored(t)
			if err := test.do(t, dir); err != nil {
				t.Fatal(err)
			}
			before := contents(t, dir)
			b := New(configFor(dir))
			reader := New(configFor(dir))
			for _, err := range []error{b.Open(t.Context()), reader.OpenReader(t.Context())} {
				if err == nil || !strings.Contains(err.Error(), test.problem) || !strings.HasSuffix(err.Error(), "; "+fixDamaged) {
					t.Errorf("error %v, want one that says %q", err, test.problem)
				}
			}
			if err := errors.Join(b.Close(), reader.Close()); err != nil {
				t.Error(err)
			}
			if after := contents(t, dir); !maps.Equal(before, after) {
				t.Errorf("the files were %q and are %q", slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(after)))
			}
		})
	}
}

// What a store does without, or has no use for, does not keep it from being read.
func TestTaken(t *testing.T) {
	for name, do := range map[string]func(t *testing.T, dir string) error{
		"no lock":    func(t *testing.T, dir string) error { return os.Remove(filepath.Join(dir, lockName)) },
		"no options": func(t *testing.T, dir string) error { return os.Remove(matching(t, dir, "OPTIONS-*")) },
		"no log":     func(t *testing.T, dir string) error { return os.Remove(matching(t, dir, "*.log")) },
		"a half-written record": func(t *testing.T, dir string) error {
			return os.WriteFile(filepath.Join(dir, newStateName), []byte("what"), 0o600)
		},
		"others' files": func(t *testing.T, dir string) error {
			return errors.Join(os.WriteFile(filepath.Join(dir, "notes"), nil, 0o600), os.WriteFile(filepath.Join(dir, "incoming", "notes"), nil, 0o600))
		},
		"a table of an interrupted save": func(t *testing.T, dir string) error {
			if err := os.WriteFile(filepath.Join(dir, "incoming", "000001.sst"), nil, 0o600); err != nil {
				return err
			}
			var largest []byte
			for _, content := range contents(t, dir) {
				if len(content) > len(largest) {
					largest = []byte(content)
				}
			}
			return os.WriteFile(filepath.Join(dir, "000098.sst"), largest, 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := stored(t)
			if err := do(t, dir); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				b := New(configFor(dir))
				if err := b.Open(t.Context()); err != nil {
					t.Fatal(err)
				}
				snapshottest.Same(t, load(t, b), oldRecords)
				save(t, b, oldRecords)
				if err := b.Close(); err != nil {
					t.Fatal(err)
				}
			}
			for path := range map[string]bool{"notes": true, "incoming/notes": true} {
				if _, err := os.Stat(filepath.Join(dir, path)); err != nil && name == "others' files" {
					t.Error(err)
				}
			}
			if _, err := os.Stat(filepath.Join(dir, "incoming", "000001.sst")); err == nil {
				t.Error("the table of an interrupted save is still there")
			}
		})
	}
}

// A store of a version that kept no record is taken, and has one from then on.
func TestStoreWithoutRecord(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	b := New(configFor(dir))
	if err := b.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	save(t, b, oldRecords)
	old := header{full: true, rows: uint64(len(oldRecords))}.encode()
	if err := errors.Join(b.db.Set(appendChunk(nil, 1, headerChunk), old[:len(old)-1], pebble.NoSync), b.db.Flush(), b.Close(),
		os.Remove(filepath.Join(dir, stateName))); err != nil {
		t.Fatal(err)
	}
	reader := New(configFor(dir))
	if err := reader.OpenReader(t.Context()); err != nil {
		t.Fatal(err)
	}
	snapshottest.Same(t, load(t, reader), oldRecords)
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		b = New(configFor(dir))
		if err := b.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		snapshottest.Same(t, load(t, b), oldRecords)
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(dir, stateName)); err != nil {
			t.Error(err)
		}
	}
	if err := os.Remove(matching(t, dir, manifestMarker+"*")); err != nil {
		t.Fatal(err)
	}
	if err := New(configFor(dir)).Open(t.Context()); err == nil || errors.Is(err, snapshot.ErrNoSnapshot) {
		t.Errorf("without its marker: %v", err)
	}
}
