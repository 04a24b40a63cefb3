package pebble

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/redistill-go/redistill/core/snapshot/snapshottest"
)

// TestMends: a store that breaks again and again is left for good in the end, and
// the error says that a restart will do.
func TestMends(t *testing.T) {
	disk := vfs.NewCrashableMem()
	var armed atomic.Bool
	b := openOn(t, errorfs.Wrap(disk, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if armed.Load() && op.Kind == errorfs.OpFileSync && strings.Contains(op.Path, manifestPrefix) {
			return errorfs.ErrInjected
		}
		return nil
	})))
	save(t, b, oldRecords)
	for n := range maxMends + 1 {
		armed.Store(true)
		_, err := b.Save(t.Context(), snapshottest.Numbered(20, "new").Source())
		armed.Store(false)
		fix := fixBroken
		if n == maxMends {
			fix = fixRestart
		}
		if err == nil || !strings.HasSuffix(err.Error(), fix) {
			t.Fatalf("Save number %d: %v, want advice: %s", n, err, fix)
		}
	}
	if _, err := b.Save(t.Context(), oldRecords.Source()); err == nil || !strings.HasSuffix(err.Error(), fixRestart) {
		t.Errorf("a Save after that: %v", err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	wantEither(t, openOn(t, disk), oldRecords, snapshottest.Numbered(20, "new"))
}
