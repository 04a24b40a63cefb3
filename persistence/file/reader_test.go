package file

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/redistill-go/redistill/core/snapshot/snapshottest"
)

func TestSnapshotsAreRecognised(t *testing.T) {
	dir := t.TempDir()
	if _, err := New(&Config{Path: at(dir)}).Save(t.Context(), snapshottest.Numbered(3, "x").Source()); err != nil {
		t.Fatal(err)
	}
	sound, err := os.ReadFile(at(dir))
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		content string
		want    bool
	}{
		"sound":     {string(sound), true},
		"damaged":   {string(sound[:9]) + "nonsense", true},
		"cut off":   {string(sound[:3]), true},
		"of Valkey": {"VALKEY080", true},
		"text":      {"Redistill\n", false},
		"empty":     {"", false},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(tt.content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := isFile(path); got != tt.want {
			t.Errorf("%s: recognised %v", name, got)
		}
	}
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	damaged := filepath.Join(dir, "dump.rdb")
	if err := os.WriteFile(damaged, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if !isNamed(damaged) || isNamed(dir) || isNamed(filepath.Join(dir, "text")) {
		t.Error("a file is taken for a snapshot by something else than its name")
	}
	if isFile(dir) || isFile(pipe) || isFile(filepath.Join(dir, "missing")) {
		t.Error("a directory, a pipe or nothing is taken for a snapshot")
	}
}
