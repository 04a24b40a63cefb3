package process

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/redistill-go/redistill/cmd/redistill/offline"
	"github.com/redistill-go/redistill/core/config"
	"github.com/redistill-go/redistill/core/rdb"
	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/modules/catalogue"
)

const future = 4_102_444_800_000 // 2100

// writeDump writes a file as Redis does: 20 strings, an expired one, one that
// expires in 2100, and a hash.
func writeDump(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	w := rdb.NewWriter(&b)
	_ = w.Begin(23) // errors stick until Finish
	e := w.Encoder(false)
	for i := range 20 {
		_ = e.Write(snapshot.Record{Key: []byte{'k', byte(i)}, Value: bytes.Repeat([]byte("v"), 10)})
	}
	_ = e.Write(snapshot.Record{Key: []byte("gone"), Value: []byte("v"), ExpireAt: 1000})
	_ = e.Write(snapshot.Record{Key: []byte("large"), Value: bytes.Repeat([]byte("v"), 5000), ExpireAt: future})
	_ = e.Write(snapshot.Record{Key: []byte("hash"), Fields: []snapshot.Field{{Name: []byte("a"), Value: []byte("1")}, {Name: []byte("b"), Value: []byte("2")}}})
	if err := errors.Join(e.Flush(), w.Finish()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "dump.rdb")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// mustRun runs a command that must succeed and say nothing on stderr: a
// progress bar is for terminals.
func mustRun(t *testing.T, args ...string) string {
	t.Helper()
	code, stdout, stderr := redistill(t, nil, args...)
	if code != 0 || stderr != "" {
		t.Fatalf("redistill %s: code %d, stderr %q", strings.Join(args, " "), code, stderr)
	}
	return stdout
}

func inspectJSON(t *testing.T, args ...string) offline.Report {
	t.Helper()
	var r offline.Report
	if err := json.Unmarshal([]byte(mustRun(t, append([]string{"snapshot", "inspect", "--json"}, args...)...)), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSnapshotInspect(t *testing.T) {
	path := writeDump(t)
	r := inspectJSON(t, path, "--largest=2")
	strs, hashes := r.Types["string"], r.Types["hash"]
	if r.Backend != "persistence.file" || r.Path != path || r.Keys != 23 || strs == nil || strs.Keys != 22 || strs.ValueBytes != 5201 ||
		hashes == nil || hashes.Keys != 1 || hashes.Fields != 2 || hashes.ValueBytes != 4 {
		t.Errorf("report %+v, strings %+v, hashes %+v", r, strs, hashes)
	}
	if len(r.Largest) != 2 || r.Largest[0].Name != "large" || r.Largest[0].Bytes != 5005 || r.Largest[0].ExpireAt != future {
		t.Errorf("largest keys %+v", r.Largest)
	}
	for label, want := range map[string]int64{"expired": 1, "later": 1, "never": 21, "within a day": 0} {
		for _, c := range r.Expiry {
			if c.Label == label && c.Keys != want {
				t.Errorf("%d keys expire %s, want %d", c.Keys, label, want)
			}
		}
	}
	text := mustRun(t, "snapshot", "inspect", "--set", "persistence.backend=file", "--set", "persistence.file.path="+path)
	for _, want := range []string{"persistence.file: " + path + "\n", "23 keys, ", "4.9 KiB", `"large"`, "2100-01-01 00:00:00"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
	}
}

// A snapshot goes from file to pebble and back and loses nothing but what had
// expired; what is read stays as it was.
func TestSnapshotConvert(t *testing.T) {
	from := writeDump(t)
	before, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	store, back := filepath.Join(dir, "store"), filepath.Join(dir, "back.rdb")
	if out := mustRun(t, "snapshot", "convert", from, "pebble:"+store); !strings.Contains(out, ": 22 keys, ") || !strings.Contains(out, "\n1 keys had expired") {
		t.Errorf("convert says %q", out)
	}
	names := func() string {
		found, err := filepath.Glob(filepath.Join(store, "*"))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(found, "\n")
	}
	files := names()
	mustRun(t, "snapshot", "verify", store)
	mustRun(t, "snapshot", "verify", "--skip-unsupported", store) // of which there is never any
	mustRun(t, "snapshot", "convert", store, "file:"+back)
	if after := names(); after != files {
		t.Errorf("the store was changed: files before\n%s\nand after\n%s", files, after)
	}
	a, b := inspectJSON(t, "pebble:"+store), inspectJSON(t, back)
	if a.Keys != 22 || b.Keys != 22 || *a.Types["string"] != *b.Types["string"] || *a.Types["hash"] != *b.Types["hash"] {
		t.Errorf("pebble %+v, file %+v", a, b)
	}
	after, err := os.ReadFile(from)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the input was changed (%v)", err)
	}

	for _, tt := range []struct{ from, to, want string }{
		{from, "file:" + back, "exists already; name another target, or pass --overwrite"},
		{from, "file:" + from, "would be read and written at once"},
		{from, filepath.Join(dir, "new"), "name the backend too, as in file:"},
	} {
		code, _, stderr := redistill(t, nil, "snapshot", "convert", tt.from, tt.to)
		if code != 1 || !strings.Contains(stderr, tt.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("convert %s %s: code %d, %q", tt.from, tt.to, code, stderr)
		}
	}
	mustRun(t, "snapshot", "convert", "--overwrite", from, "file:"+back)
}

func TestSnapshotVerify(t *testing.T) {
	path := writeDump(t)
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if out := mustRun(t, "snapshot", "verify", path); out != "persistence.file: "+path+": sound: 23 keys\n" {
		t.Errorf("verify says %q", out)
	}
	damaged := bytes.Clone(sound)
	damaged[len(damaged)/2] ^= 1
	if err := os.WriteFile(path, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	target, text := filepath.Join(t.TempDir(), "target.rdb"), filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("REDUCED"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args string
		code int
		want string
	}{
		{"verify " + path, exitUnsound, path + ": offset "},
		{"inspect " + path, exitUnsound, path + ": offset "},
		{"convert " + path + " file:" + target, exitUnsound, path + ": offset "},
		{"verify " + path + ".none", exitNoSnapshot, "no snapshot"},
		{"verify file:" + path + ".none", exitNoSnapshot, "no snapshot"},
		{"verify pebble:" + path + ".none", exitNoSnapshot, "no snapshot"},
		{"verify " + text, 1, "nothing like a snapshot is there; name the backend too, as in file:" + text},
		{"verify file:" + text, exitUnsound, text + ": offset 0"},
		{"verify", 1, "persistence.backend is none: name the snapshot"},
		{"verify a b", 1, "one snapshot at a time"},
		{"convert a", 1, "1 arguments where two are needed"},
		{"verfy", 1, "did you mean verify?"},
		{"inspect --largest=-1 " + path, 1, "--largest -1 is not in the range"},
	} {
		code, stdout, stderr := redistill(t, nil, append([]string{"snapshot"}, strings.Fields(tt.args)...)...)
		if code != tt.code || stdout != "" || !strings.Contains(stderr, tt.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("snapshot %s: code %d, stdout %q, stderr %q; want %d and %q", tt.args, code, stdout, stderr, tt.code, tt.want)
		}
	}
	if _, err := os.Stat(target); err == nil {
		t.Error("the conversion of a damaged snapshot left a target")
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, damaged) {
		t.Errorf("the damaged snapshot was changed (%v)", err)
	}
}

// The commands work on what any backend of the tree keeps.
func TestEveryBackendCanBeRead(t *testing.T) {
	for _, d := range pick("persistence.") {
		if locationOf(d).Key == "" {
			t.Errorf("%s has no location", d.ID)
			continue
		}
		backend, err := buildBackend(loadFor(t, pick(d.ID), "persistence.backend="+d.Name()), d)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := backend.(snapshot.Reader); !ok {
			t.Errorf("%s can't be opened for reading", d.ID)
		}
	}
}

// A backend that this build has not is told from a path.
func TestSnapshotOfABackendThatWasLeftOut(t *testing.T) {
	src := config.Source{Modules: pick("persistence.file"), Known: catalogue.Tree}
	_, err := findPlace(src, "pebble:/somewhere", false)
	if err == nil || !strings.Contains(err.Error(), "not in this build; rebuild with") {
		t.Errorf("error %v", err)
	}
	src.Modules = nil
	if _, err := findPlace(src, "dump.rdb", false); err == nil || !strings.Contains(err.Error(), "this build has no persistence backend") {
		t.Errorf("without any backend: error %v", err)
	}
}

// A pipe is no snapshot, and nobody waits for somebody to write to it.
func TestSnapshotInAPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"inspect", "verify"} {
		code, _, stderr := redistill(t, nil, "snapshot", command, "file:"+pipe)
		if code == 0 || !strings.Contains(stderr, pipe+": is not a regular file; name a file") {
			t.Errorf("%s: code %d, %s", command, code, stderr)
		}
	}
}
