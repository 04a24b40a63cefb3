package file

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/snapshot/snapshottest"
	"github.com/redistill-go/redistill/persistence/disk/simdisk"
)

func at(dir string) string { return filepath.Join(dir, "dump.rdb") }

// damage makes a Damage of what is done to the file's bytes.
func damage(name string, change func([]byte) []byte) snapshottest.Damage {
	return snapshottest.Damage{Name: name, Do: func(t testing.TB, dir string) []string {
		p, err := os.ReadFile(at(dir))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at(dir), change(p), 0o600); err != nil {
			t.Fatal(err)
		}
		return []string{at(dir)}
	}}
}

func TestConformance(t *testing.T) {
	flip := func(p []byte, i int) []byte { p[i] ^= 0x10; return p }
	snapshottest.Run(t, snapshottest.Factory{
		New:  func(_ testing.TB, dir string) snapshot.Backend { return New(&Config{Path: at(dir)}) },
		Disk: func(testing.TB) snapshottest.Disk { return simulated{simdisk.New()} },
		Leave: func(t testing.TB, dir string) { // a save that was killed half way
			p, err := os.ReadFile(at(dir))
			if err == nil {
				err = os.WriteFile(at(dir)+".redistill-1.tmp", p[:len(p)/2], 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		},
		Damage: []snapshottest.Damage{
			damage("magic", func(p []byte) []byte { return flip(p, 0) }),
			damage("version", func(p []byte) []byte { return flip(p, 5) }),
			damage("flipped bit in the middle", func(p []byte) []byte { return flip(p, len(p)/2) }),
			damage("flipped bit in the last value", func(p []byte) []byte { return flip(p, len(p)-12) }),
			damage("flipped bit in the checksum", func(p []byte) []byte { return flip(p, len(p)-1) }),
			damage("truncated in the middle", func(p []byte) []byte { return p[:len(p)/2] }),
			damage("truncated in the checksum", func(p []byte) []byte { return p[:len(p)-1] }),
			damage("without a checksum", func(p []byte) []byte { return p[:len(p)-8] }),
			damage("truncated in the header", func(p []byte) []byte { return p[:7] }),
			damage("truncated to nothing", func(p []byte) []byte { return p[:0] }),
			damage("zeroed", func(p []byte) []byte { clear(p); return p }),
		},
	})
}

// simulated is a disk with the snapshot in dump.rdb.
type simulated struct{ *simdisk.Disk }

func (s simulated) Backend() snapshot.Backend { return NewOn(s.Disk, DefaultConfig()) }

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
