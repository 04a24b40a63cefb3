package pebble

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/snapshot/snapshottest"
)

// damage makes a Damage of what is done to the bytes of the largest file that
// matches the pattern.
func damage(name, pattern string, change func([]byte) []byte) snapshottest.Damage {
	return snapshottest.Damage{Name: name, Do: func(t testing.TB, dir string) []string {
		matches, err := filepath.Glob(filepath.Join(dir, "store", pattern))
		if err != nil || len(matches) == 0 {
			t.Fatalf("no file matches %s: %v", pattern, err)
		}
		var path string
		var content []byte
		for _, m := range matches {
			p, err := os.ReadFile(m)
			if err != nil {
				t.Fatal(err)
			}
			if len(p) > len(content) {
				path, content = m, p
			}
		}
		if err := os.WriteFile(path, change(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return []string{path}
	}}
}

func TestConformance(t *testing.T) {
	flip := func(p []byte, i int) []byte { p[i] ^= 0x10; return p }
	snapshottest.Run(t, snapshottest.Factory{
		New: func(_ testing.TB, dir string) snapshot.Backend {
			return New(configFor(filepath.Join(dir, "store")))
		},
		Disk: func(testing.TB) snapshottest.Disk { return newSimulated(vfs.NewCrashableMem()) },
		Damage: []snapshottest.Damage{
			damage("flipped bit at the start of a table", "*.sst", func(p []byte) []byte { return flip(p, 9) }),
			damage("flipped bit in the middle of a table", "*.sst", func(p []byte) []byte { return flip(p, len(p)/2) }),
			damage("flipped bit in a footer", "*.sst", func(p []byte) []byte { return flip(p, len(p)-3) }),
			damage("truncated table", "*.sst", func(p []byte) []byte { return p[:len(p)/2] }),
			damage("empty table", "*.sst", func(p []byte) []byte { return p[:0] }),
			damage("flipped bit in the manifest", "MANIFEST-*", func(p []byte) []byte { return flip(p, 9) }),
		},
	})
}

// simulated is a disk with the store in the directory "store".
type simulated struct {
	disk *vfs.MemFS
	mu   sync.Mutex
	f    func() error
}

func newSimulated(disk *vfs.MemFS) *simulated { return &simulated{disk: disk} }

// Backend makes a backend with chunks so small that a snapshot has many tables.
func (s *simulated) Backend() snapshot.Backend {
	b := New(DefaultConfig())
	b.dir, b.fs, b.chunk = "store", errorfs.Wrap(s.disk, s), 8<<10
	return b
}

func (s *simulated) String() string { return "simulated" }

// MaybeError implements errorfs.Injector.
func (s *simulated) MaybeError(op errorfs.Op) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.f == nil || op.Kind.ReadOrWrite() != errorfs.OpIsWrite {
		return nil
	}
	return s.f()
}

func (s *simulated) Inject(f func() error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.f = f
}

func (s *simulated) Crash(percent uint, random *rand.Rand) snapshottest.Disk {
	return newSimulated(s.disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: int(percent), RNG: random}))
}
