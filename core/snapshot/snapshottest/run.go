package snapshottest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/snapshot"
)

// Factory is a backend under test.
type Factory struct {
	// New makes a backend that keeps its snapshots below dir. Two of them with
	// the same dir, one after the other, see the same snapshots.
	New func(t testing.TB, dir string) snapshot.Backend
	// Damage are the ways in which its snapshot can be damaged.
	Damage []Damage
	// Leave puts below dir, which has a snapshot and is closed, what an interrupted
	// Save may have left there, if that is something that its other Saves don't.
	Leave func(t testing.TB, dir string)
	// Disk makes an empty simulated disk for it, on which power cuts and disk errors
	// are tried; package simdisk beside the file backend is one for backends that
	// keep files. Nil needs NoDisk.
	Disk func(t testing.TB) Disk
	// NoDisk is why there is no simulated disk for it, as in "it keeps snapshots in a
	// database of its own": power cuts and disk errors are not tried then, and the
	// tests say so.
	NoDisk string
}

// Damage is one way to damage a snapshot.
type Damage struct {
	Name string
	// Do damages the snapshot below dir, which is closed, and returns the
	// files that the backend must refuse and must not change.
	Do func(t testing.TB, dir string) (files []string)
}

// Run runs the whole suite.
func Run(t *testing.T, f Factory) {
	t.Run("round trip", f.roundTrip)
	t.Run("generated", f.generated)
	t.Run("empty", f.empty)
	t.Run("first start", f.firstStart)
	t.Run("newest wins", f.newestWins)
	t.Run("increments", f.increments)
	t.Run("failing source", f.failingSource)
	t.Run("cancelled save", f.cancelledSave)
	t.Run("cancelled load", f.cancelledLoad)
	t.Run("failing sink", f.failingSink)
	t.Run("point in time", f.pointInTime)
	t.Run("full sink", f.fullSink)
	t.Run("expired", f.expired)
	t.Run("unwritable", f.unwritable)
	for _, d := range f.Damage {
		t.Run("damage/"+d.Name, func(t *testing.T) { f.damaged(t, d) })
	}
	t.Run("any damage", f.anyDamage)
	t.Run("power cut", f.onDisk(f.powerCut))
	t.Run("power cut at the start", f.onDisk(f.powerCutAtStart))
	t.Run("disk error", f.onDisk(f.diskError))
	t.Run("disk error at the start", f.onDisk(f.diskErrorAtStart))
}

// onDisk is a test that needs a simulated disk.
func (f Factory) onDisk(run func(*testing.T)) func(*testing.T) {
	switch {
	case f.Disk != nil:
		return run
	case f.NoDisk != "":
		return func(t *testing.T) { t.Skipf("not tried: %s", f.NoDisk) }
	}
	return func(t *testing.T) {
		t.Fatal("the Factory has no Disk: give one that makes the backend on a simulated disk, or say in NoDisk why there is none")
	}
}

// open makes and opens a backend and closes it when the test ends.
func (f Factory) open(t testing.TB, dir string) *opened {
	t.Helper()
	o := &opened{Backend: f.New(t, dir)}
	if err := o.Open(t.Context()); err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { o.close(t) })
	return o
}

type opened struct {
	snapshot.Backend
	closed bool
}

func (o *opened) close(t testing.TB) {
	t.Helper()
	if o.closed {
		return
	}
	o.closed = true
	if err := o.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
}

func (o *opened) save(t testing.TB, r Records) {
	t.Helper()
	info, err := o.Save(t.Context(), r.Source())
	if err != nil {
		t.Fatalf("Save: %v", err)
	}
	check(t, "Save", info, len(r))
}

func (o *opened) wantLoad(t testing.TB, want Records) {
	t.Helper()
	var s Sink
	info, err := o.Load(t.Context(), &s)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	check(t, "Load", info, len(want))
	Same(t, s.Records, want)
}

func check(t testing.TB, what string, info snapshot.Info, keys int) {
	t.Helper()
	if info.Keys != int64(keys) {
		t.Fatalf("%s reports %d keys, want %d", what, info.Keys, keys)
	}
	if keys > 0 && info.Bytes <= 0 {
		t.Fatalf("%s reports %d bytes for %d keys", what, info.Bytes, keys)
	}
}

// names fails the test unless the error says which module it comes from.
func names(t testing.TB, b snapshot.Backend, err error) {
	t.Helper()
	if !strings.HasPrefix(err.Error(), b.ID()+": ") {
		t.Errorf("error %q does not start with the module's ID, %q", err, b.ID())
	}
	if strings.ContainsRune(err.Error(), '\n') {
		t.Errorf("error %q has more than one line", err)
	}
}

func (f Factory) firstStart(t *testing.T) {
	b := f.open(t, t.TempDir())
	var s Sink
	if _, err := b.Load(t.Context(), &s); !errors.Is(err, snapshot.ErrNoSnapshot) {
		t.Fatalf("Load without a snapshot: %v, want ErrNoSnapshot", err)
	}
	if len(s.Records) != 0 {
		t.Fatalf("Load without a snapshot put %d records", len(s.Records))
	}
}

func (f Factory) unwritable(t *testing.T) {
	// A regular file stands where a directory should: that stops root as well.
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	b := f.New(t, filepath.Join(file, "below"))
	err := b.Open(context.Background())
	if err == nil {
		t.Fatal("Open at a place that can't be written gives no error")
	}
	names(t, b, err)
	if err := b.Close(); err != nil {
		t.Fatalf("Close after a failed Open: %v", err)
	}
}
