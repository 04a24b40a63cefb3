package simdisk

import (
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"

	"github.com/redistill-go/redistill/persistence/disk"
)

func create(t *testing.T, d *Disk, name, content string) disk.File {
	t.Helper()
	f, err := d.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(f, content); err != nil {
		t.Fatal(err)
	}
	return f
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestPowerCut(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	d := New()
	// Synced in a directory that was not.
	must(t, create(t, d, "dir/a", "a").Sync())
	wantFiles(t, d.Crash(0, random))
	wantFiles(t, d.Crash(100, random), "a=a")
	must(t, d.SyncDir("elsewhere"))
	wantFiles(t, d.Crash(0, random))
	must(t, d.SyncDir("dir"))
	// Not synced, but its name was.
	b := create(t, d, "dir/b", "b")
	must(t, d.SyncDir("dir"))
	wantFiles(t, d.Crash(0, random), "a=a", "b=")
	must(t, b.Sync())
	_, err := b.Write([]byte("more"))
	must(t, err)
	wantFiles(t, d.Crash(0, random), "a=a", "b=b")
	// A rename is whole or not at all.
	must(t, d.Rename("dir/b", "dir/a"))
	wantFiles(t, d, "a=bmore")
	wantFiles(t, d.Crash(0, random), "a=a", "b=b")
	wantFiles(t, d.Crash(100, random), "a=bmore")
	must(t, d.Remove("dir/a"))
	wantFiles(t, d)
	wantFiles(t, d.Crash(0, random), "a=a", "b=b")
	must(t, d.SyncDir("dir"))
	wantFiles(t, d.Crash(0, random))
}

// Of writes that were not synced any may be lost.
func TestPowerCutLosesAnyWrite(t *testing.T) {
	d := New()
	f := create(t, d, "dir/f", "1")
	_, err := f.Write([]byte("2"))
	must(t, err)
	must(t, d.SyncDir("dir"))
	seen := map[string]bool{}
	random := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		seen[string(d.Crash(50, random).ReadFile("dir/f"))] = true
	}
	for _, want := range []string{"", "1", "12", "\x002"} {
		if !seen[want] {
			t.Errorf("never %q, only %v", want, seen)
		}
	}
}

func wantFiles(t *testing.T, d *Disk, want ...string) {
	t.Helper()
	names, err := d.List("dir")
	must(t, err)
	var got []string
	for _, name := range names {
		got = append(got, name+"="+string(d.ReadFile("dir/"+name)))
	}
	if !slices.Equal(got, want) {
		t.Fatalf("the disk holds %q, want %q", got, want)
	}
}

func TestHook(t *testing.T) {
	d := New()
	f := create(t, d, "dir/f", "1234")
	var ops []Op
	d.Hook(func(op Op) error {
		ops = append(ops, op)
		return syscall.ENOSPC
	})
	n, err := f.Write([]byte("5678"))
	if n != 2 || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a write that fails: %d, %v; want half of it and ENOSPC", n, err)
	}
	for _, err := range []error{f.Sync(), d.Rename("dir/f", "dir/g"), d.Remove("dir/f"), d.SyncDir("dir")} {
		if !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("error %v, want ENOSPC", err)
		}
	}
	if want := []Op{Write, Sync, Rename, Remove, SyncDir}; !slices.Equal(ops, want) {
		t.Errorf("operations %q, want %q", ops, want)
	}
	d.Hook(nil)
	wantFiles(t, d, "f=123456")
	if _, err := d.Create("dir/f"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Create of a file that exists: %v", err)
	}
	if _, err := d.Open("dir/g"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open of a file that does not: %v", err)
	}
}
