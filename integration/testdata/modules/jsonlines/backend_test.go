package jsonlines

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/snapshot/snapshottest"
	"github.com/redistill-go/redistill/persistence/disk/simdisk"
)

func in(dir string) string { return filepath.Join(dir, "dump.jsonl") }

// edit changes the file's text.
func edit(t testing.TB, path string, change func(string) string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, []byte(change(string(text))), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func damage(name string, change func(string) string) snapshottest.Damage {
	return snapshottest.Damage{Name: name, Do: func(t testing.TB, dir string) []string {
		edit(t, in(dir), change)
		return []string{in(dir)}
	}}
}

func TestConformance(t *testing.T) {
	snapshottest.Run(t, snapshottest.Factory{
		New:  func(_ testing.TB, dir string) snapshot.Backend { return New(&Config{Path: in(dir)}) },
		Disk: func(testing.TB) snapshottest.Disk { return simulated{simdisk.New()} },
		Leave: func(t testing.TB, dir string) { // a save that was killed half way
			text, err := os.ReadFile(in(dir))
			if err == nil {
				err = os.WriteFile(in(dir)+".new", text[:len(text)/2], 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		},
		Damage: []snapshottest.Damage{
			damage("a line is missing", func(s string) string {
				lines := strings.SplitAfter(s, "\n")
				return strings.Join(append(lines[:2], lines[3:]...), "")
			}),
			damage("a line is there twice", func(s string) string {
				lines := strings.SplitAfter(s, "\n")
				return lines[0] + lines[1] + strings.Join(lines[1:], "")
			}),
			damage("a letter", func(s string) string { return s[:len(s)/2] + string(s[len(s)/2]^1) + s[len(s)/2+1:] }),
			damage("the last line is missing", func(s string) string { return s[:strings.LastIndex(s, `{"keys"`)] }),
			damage("something follows", func(s string) string { return s + "\n" }),
			damage("a newer version", func(s string) string { return strings.Replace(s, `"version":1`, `"version":2`, 1) }),
			damage("nothing is left", func(string) string { return "" }),
		},
	})
}

// simulated is a disk with the snapshot in dump.jsonl.
type simulated struct{ *simdisk.Disk }

func (s simulated) Backend() snapshot.Backend { return newOn(s.Disk, "dump.jsonl") }

func (s simulated) Inject(f func() error) {
	s.Hook(func(op simdisk.Op) error {
		if f == nil || !op.Changes() {
			return nil
		}
		return f()
	})
}

func (s simulated) Crash(percent uint, random *rand.Rand) snapshottest.Disk {
	return simulated{s.Disk.Crash(percent, random)}
}

// The text is what the package comment says.
func TestText(t *testing.T) {
	b := New(&Config{Path: in(t.TempDir())})
	records := snapshottest.Records{
		{Key: []byte("greeting"), Value: []byte("hello")},
		{Key: []byte("user:1"), ExpireAt: 1893456000000, Fields: []snapshot.Field{{Name: []byte("name"), Value: []byte("Ada"), ExpireAt: 7}}},
	}
	if _, err := b.Save(t.Context(), records.Source()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(b.path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		firstLine,
		`{"key":"Z3JlZXRpbmc=","value":"aGVsbG8="}` + "\n",
		`{"key":"dXNlcjox","fields":[{"name":"bmFtZQ==","value":"QWRh","expire_at":7}],"expire_at":1893456000000}` + "\n",
		"\n" + `{"keys":2,"sha256":"`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if !recognises(b.path) {
		t.Error("it is not recognised")
	}
	edit(t, b.path, func(s string) string { return s[1:] })
	if recognises(b.path) || recognises(t.TempDir()) || recognises(b.path+".none") {
		t.Error("something else is recognised")
	}
}

func TestConfig(t *testing.T) {
	if err := NewConfig().Validate(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	for _, path := range []string{"", "snapshots/"} {
		if err := (&Config{Path: path}).Validate(); err == nil || !strings.Contains(err.Error(), "path: ") {
			t.Errorf("%q: %v", path, err)
		}
	}
}
