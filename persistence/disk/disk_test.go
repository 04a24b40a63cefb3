package disk

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestOS(t *testing.T) {
	dir := t.TempDir()
	name, other := filepath.Join(dir, "name"), filepath.Join(dir, "other")
	f, err := OS.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, "content"); err != nil {
		t.Fatal(err)
	}
	f.StartSync(0, 7)
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := OS.Create(name); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Create of a file that exists: %v", err)
	}
	if info, err := OS.Stat(name); err != nil || info.Mode() != 0o600 || info.Size() != 7 {
		t.Errorf("Stat: %v, %v; want 7 bytes for the owner only", info, err)
	}
	if err := errors.Join(OS.Rename(name, other), OS.SyncDir(dir), os.Mkdir(name, 0o700)); err != nil {
		t.Fatal(err)
	}
	if names, err := OS.List(dir); err != nil || !slices.Equal(names, []string{"other"}) {
		t.Errorf("List: %q, %v; want the file only", names, err)
	}
	f, err = OS.Open(other)
	if err != nil {
		t.Fatal(err)
	}
	if content, err := io.ReadAll(f); err != nil || string(content) != "content" {
		t.Errorf("the file holds %q, %v", content, err)
	}
	if err := errors.Join(f.Close(), OS.Remove(other)); err != nil {
		t.Fatal(err)
	}
	if f, err := OS.Open(other); f != nil || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open of a file that was removed: %v, %v", f, err)
	}
	if err := OS.Writable(dir); err != nil {
		t.Errorf("Writable: %v", err)
	}
	if err := OS.Writable(other); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Writable of what does not exist: %v", err)
	}
	if err := OS.SyncDir(other); err == nil {
		t.Error("SyncDir of what does not exist gives no error")
	}
}
