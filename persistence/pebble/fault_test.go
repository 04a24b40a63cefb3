package pebble

import (
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/redistill-go/redistill/persistence/persisttest"
)

// openOn opens a backend with chunks so small that a snapshot has many tables.
func openOn(t *testing.T, fs vfs.FS) *Backend {
	t.Helper()
	b := New(*DefaultConfig())
	b.dir = "store"
	b.fs, b.chunk = fs, 8<<10
	if err := b.Open(t.Context()); err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return b
}

var (
	oldRecords = persisttest.Numbered(60, "old")
	newRecords = persisttest.Numbered(200, "new")
)

func save(t *testing.T, b *Backend, r persisttest.Records) {
	t.Helper()
	if _, err := b.Save(t.Context(), r.Source()); err != nil {
		t.Fatalf("Save: %v", err)
	}
}

func load(t *testing.T, b *Backend) persisttest.Records {
	t.Helper()
	var s persisttest.Sink
	if _, err := b.Load(t.Context(), &s); err != nil {
		t.Fatalf("Load: %v", err)
	}
	return s.Records
}

// wantEither fails the test unless the snapshot is the old one or the new one,
// whole, and can be replaced. It closes the backend.
func wantEither(t *testing.T, b *Backend) {
	t.Helper()
	got, want := load(t, b), oldRecords
	if len(got) == len(newRecords) {
		want = newRecords
	}
	persisttest.Same(t, got, want)
	next := persisttest.Numbered(20, "next")
	save(t, b, next)
	persisttest.Same(t, load(t, b), next)
	if err := b.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
}

func TestSeveralTables(t *testing.T) {
	fs := vfs.NewMem()
	b := openOn(t, fs)
	records := persisttest.Numbered(1000, "x")
	save(t, b, records)
	persisttest.Same(t, load(t, b), records)
	names, err := fs.List("store")
	if err != nil {
		t.Fatal(err)
	}
	tables := 0
	for _, name := range names {
		if strings.HasSuffix(name, ".sst") {
			tables++
		}
	}
	if tables < 5 {
		t.Errorf("1000 records made %d tables, want several", tables)
	}
	if left, err := fs.List("store/incoming"); err != nil || len(left) > 0 {
		t.Errorf("Save left %q, %v", left, err)
	}
}

// TestCrash stops the machine before every operation on the disk that a Save
// makes, with none, some or all of what was not synced being lost.
func TestCrash(t *testing.T) {
	disk := vfs.NewCrashableMem()
	crash := crashes{disk: disk, random: rand.New(rand.NewPCG(1, 2))}
	b := openOn(t, errorfs.Wrap(disk, &crash))
	save(t, b, oldRecords)
	crash.arm()
	save(t, b, newRecords)
	clones := crash.disarm()
	if len(clones) < 100 {
		t.Fatalf("a Save made only %d operations", len(clones)/3)
	}
	for _, fs := range clones {
		wantEither(t, openOn(t, fs))
	}
	after := openOn(t, disk.CrashClone(vfs.CrashCloneCfg{}))
	persisttest.Same(t, load(t, after), newRecords)
}

// crashes copies the disk before each operation that changes it, as power cuts
// would leave it. Pebble removes files from a goroutine of its own.
type crashes struct {
	disk   *vfs.MemFS
	mu     sync.Mutex
	random *rand.Rand
	armed  bool
	clones []*vfs.MemFS
}

func (c *crashes) String() string { return "crashes" }

func (c *crashes) MaybeError(op errorfs.Op) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.armed && op.Kind.ReadOrWrite() == errorfs.OpIsWrite {
		for _, percent := range []int{0, 50, 100} {
			c.clones = append(c.clones, c.disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: c.random}))
		}
	}
	return nil
}

func (c *crashes) arm() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.armed = true
}

func (c *crashes) disarm() []*vfs.MemFS {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.armed = false
	return c.clones
}

// TestDiskError makes every operation on the disk that a Save makes fail, one
// at a time, and then every one from there on.
func TestDiskError(t *testing.T) {
	for _, test := range []struct {
		name string
		hit  func(n, at int64) bool
	}{
		{"once", func(n, at int64) bool { return n == at }},
		{"from then on", func(n, at int64) bool { return n >= at }},
	} {
		t.Run(test.name, func(t *testing.T) {
			saved := 0
			for at := int64(1); saved < 5; at++ { // until the error is later than the Save
				if at > 2000 {
					t.Fatal("Save never succeeds")
				}
				if failAt(t, func(n int64) bool { return test.hit(n, at) }) {
					saved++
				}
			}
		})
	}
}

// failAt saves twice, makes those operations of the second Save fail that hit
// says, and reports whether it succeeded all the same.
func failAt(t *testing.T, hit func(n int64) bool) bool {
	t.Helper()
	disk := vfs.NewCrashableMem()
	var n atomic.Int64
	var armed atomic.Bool
	b := openOn(t, errorfs.Wrap(disk, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if armed.Load() && op.Kind.ReadOrWrite() == errorfs.OpIsWrite && hit(n.Add(1)) {
			return errorfs.ErrInjected
		}
		return nil
	})))
	save(t, b, oldRecords)
	armed.Store(true)
	_, err := b.Save(t.Context(), newRecords.Source())
	armed.Store(false)
	switch {
	case err == nil:
		persisttest.Same(t, load(t, b), newRecords)
	case b.broken.Load() != nil:
		if !errors.Is(err, *b.broken.Load()) {
			t.Errorf("the store broke with %v, and Save says %v", *b.broken.Load(), err)
		}
		if _, err := b.Load(t.Context(), &persisttest.Sink{}); !errors.Is(err, *b.broken.Load()) {
			t.Errorf("Load from a broken store: %v", err)
		}
	default:
		if !errors.Is(err, errorfs.ErrInjected) {
			t.Errorf("Save's error %v hides the cause", err)
		}
		persisttest.Same(t, load(t, b), oldRecords)
	}
	// What is on the disk, synced or not, is a snapshot, and so is what a
	// power cut leaves.
	for _, percent := range []int{0, 100} {
		fs := disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: rand.New(rand.NewPCG(1, 2))})
		wantEither(t, openOn(t, fs))
	}
	saved := err == nil
	if err := b.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	return saved
}
