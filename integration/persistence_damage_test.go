package integration

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/integration/harness"
)

// A server whose pebble store is damaged does not start, not with an older
// snapshot either nor empty: it says in one line which file and what to do, and
// neither changes nor makes nor removes one. When the file is whole again, so is
// the snapshot.
func TestDamagedPebbleStoreKeepsTheServerFromStarting(t *testing.T) {
	const keys = 200
	set := backends(t)["pebble"]
	_, dir, _ := strings.Cut(set[1], "=")
	for life := range 2 { // with two snapshots each
		s := harness.Redistill(t, harness.Options{Set: set})
		c := dial(t, s)
		for i := range keys {
			want(t, c, "+OK\r\n", "SET", fmt.Sprint("key:", i), fmt.Sprint("life:", life, i))
		}
		want(t, c, "+OK\r\n", "SAVE")
		want(t, c, "+OK\r\n", "SET", "last", fmt.Sprint(life))
		s.MustStop(t)
	}
	sound := everything(t, dir)
	name := func(pattern string) string {
		t.Helper()
		paths, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil || len(paths) == 0 {
			t.Fatalf("no file matches %s: %v", pattern, err)
		}
		return paths[len(paths)-1] // of the manifests, the one that counts
	}
	change := func(path string, to func([]byte) []byte) {
		t.Helper()
		p, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(path, to(p), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	remove := func(path string) {
		t.Helper()
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"--set", "transports.tcp.listen=127.0.0.1:0"}
	for _, s := range set {
		args = append(args, "--set", s)
	}
	for _, damage := range []struct {
		name, file string // file: what the message has to name
		do         func()
	}{
		{"a byte in the manifest", "MANIFEST-", func() { change(name("MANIFEST-*"), func(p []byte) []byte { return flipped(p, 9) }) }},
		{"a byte at the end of the manifest", "MANIFEST-", func() { change(name("MANIFEST-*"), func(p []byte) []byte { return flipped(p, len(p)-1) }) }},
		{"a short manifest", "MANIFEST-", func() { change(name("MANIFEST-*"), func(p []byte) []byte { return p[:len(p)/2] }) }},
		{"an empty manifest", "MANIFEST-", func() { change(name("MANIFEST-*"), func([]byte) []byte { return nil }) }},
		{"no marker", "marker.manifest.", func() { remove(name("marker.manifest.*")) }},
		{"no format", "marker.format-version.", func() { remove(name("marker.format-version.*")) }},
		{"no table", ".sst", func() { remove(name("*.sst")) }},
		{"a byte in a table", ".sst", func() { change(name("*.sst"), func(p []byte) []byte { return flipped(p, 20) }) }},
		{"a table that nobody names", "000999.sst", func() { mustWrite(t, filepath.Join(dir, "000999.sst")) }},
		{"no record", "SNAPSHOT", func() { remove(name("SNAPSHOT")) }},
	} {
		t.Run(damage.name, func(t *testing.T) {
			damage.do()
			before := everything(t, dir)
			code, stdout, stderr := harness.Run(t, nil, args...)
			if code <= 0 || stdout != "" || strings.Contains(stderr, "\n") || !strings.Contains(stderr, dir) || !strings.Contains(stderr, damage.file) {
				t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
			}
			if _, advice, ok := strings.Cut(stderr, "; "); !ok || !strings.Contains(advice, "restore") {
				t.Errorf("no advice in %q", stderr)
			}
			if code, _, stderr := harness.Run(t, nil, "snapshot", "verify", "pebble:"+dir); code != 2 {
				t.Errorf("snapshot verify: exit code %d, %q", code, stderr)
			}
			if after := everything(t, dir); !maps.Equal(before, after) {
				t.Errorf("the directory held %q and holds %q, or files in it were changed", slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(after)))
			}
			restore(t, dir, sound)
		})
	}
	s := harness.Redistill(t, harness.Options{Set: set})
	c := dial(t, s)
	want(t, c, fmt.Sprintf(":%d\r\n", keys+1), "DBSIZE")
	want(t, c, bulk("1"), "GET", "last")
}

func mustWrite(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, bytes.Repeat([]byte("x"), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
}

// everything is what is below a directory: paths with modes and contents.
func everything(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		content := []byte(nil)
		if !d.IsDir() {
			content, err = os.ReadFile(path)
		}
		all[path] = info.Mode().String() + "\n" + string(content)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// restore makes the files below a directory what they were.
func restore(t *testing.T, dir string, sound map[string]string) {
	t.Helper()
	for path := range everything(t, dir) {
		if _, ok := sound[path]; !ok {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}
	}
	for path, was := range sound {
		mode, content, _ := strings.Cut(was, "\n")
		if strings.HasPrefix(mode, "d") {
			continue
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// The pebble store is for its owner only, also one that was there before with
// other modes.
func TestPebbleStoreIsPrivate(t *testing.T) {
	set := backends(t)["pebble"]
	_, dir, _ := strings.Cut(set[1], "=")
	for range 2 {
		s := harness.Redistill(t, harness.Options{Set: set})
		c := dial(t, s)
		for i := range 3 {
			want(t, c, "+OK\r\n", "SET", fmt.Sprint("key:", i), "value")
			want(t, c, "+OK\r\n", "SAVE")
		}
		for path, what := range everything(t, dir) {
			if !strings.HasPrefix(what, "-rw-------\n") && !strings.HasPrefix(what, "drwx------\n") {
				t.Errorf("%s has mode %.10s", path, what)
			}
		}
		s.MustStop(t)
		for path, what := range everything(t, dir) {
			mode := fs.FileMode(0o664)
			if strings.HasPrefix(what, "d") {
				mode = 0o775
			}
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
		}
	}
}
