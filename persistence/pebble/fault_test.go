package pebble

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/snapshot/snapshottest"
)

// openOn opens a backend with chunks so small that a snapshot has many tables.
func openOn(t *testing.T, fs vfs.FS) *Backend {
	t.Helper()
	b := New(DefaultConfig())
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

var oldRecords = snapshottest.Numbered(60, "old")

func save(t *testing.T, b *Backend, r snapshottest.Records) {
	t.Helper()
	if _, err := b.Save(t.Context(), r.Source()); err != nil {
		t.Fatalf("Save: %v", err)
	}
}

func load(t *testing.T, b *Backend) snapshottest.Records {
	t.Helper()
	var s snapshottest.Sink
	if _, err := b.Load(t.Context(), &s); err != nil {
		t.Fatalf("Load: %v", err)
	}
	return s.Records
}

// scenario is something that changes the store on disk. The conformance suite
// has the same for snapshots of everything.
type scenario struct {
	name string
	// begin brings the store to where it starts.
	begin func(t *testing.T, b *Backend) *snapshottest.Store
	do    func(t *testing.T, b *Backend, s *snapshottest.Store) error
}

func scenarios() []scenario {
	saved := func(n, space int) func(*testing.T, *Backend) *snapshottest.Store {
		return func(t *testing.T, b *Backend) *snapshottest.Store {
			s := snapshottest.NewStore()
			s.Churn(rand.New(rand.NewPCG(1, 2)), n, space)
			saveFrom(t, b, s)
			return s
		}
	}
	save := func(t *testing.T, b *Backend, s *snapshottest.Store) error {
		_, err := b.Save(t.Context(), s)
		return err
	}
	churn := func(s *snapshottest.Store, n, space int) { s.Churn(rand.New(rand.NewPCG(7, 8)), n, space) }
	return []scenario{
		{"increment", saved(200, 100), func(t *testing.T, b *Backend, s *snapshottest.Store) error {
			churn(s, 20, 100)
			return save(t, b, s)
		}},
		{"increment of several chunks", saved(200, 100), func(t *testing.T, b *Backend, s *snapshottest.Store) error {
			churn(s, 200, 100)
			return save(t, b, s)
		}},
		{"merge", func(t *testing.T, b *Backend) *snapshottest.Store {
			s := saved(200, 100)(t, b)
			for range 4 {
				churn(s, 10, 100)
				saveFrom(t, b, s)
			}
			return s
		}, func(t *testing.T, b *Backend, _ *snapshottest.Store) error {
			return b.mergeAll(t.Context(), b.generations(), true)
		}},
		{"merge of the newest", func(t *testing.T, b *Backend) *snapshottest.Store {
			s := saved(200, 100)(t, b)
			for range 4 {
				churn(s, 10, 100)
				saveFrom(t, b, s)
			}
			return s
		}, func(t *testing.T, b *Backend, _ *snapshottest.Store) error {
			return b.mergeAll(t.Context(), b.generations()[2:], false)
		}},
	}
}

// wantEither fails the test unless the snapshot is the one or the other, whole,
// and can be replaced. It closes the backend.
func wantEither(t *testing.T, b *Backend, one, other snapshottest.Records) {
	t.Helper()
	got := load(t, b)
	if !equal(got, one) {
		snapshottest.Same(t, got, other)
	}
	next := snapshottest.Numbered(20, "next")
	save(t, b, next)
	snapshottest.Same(t, load(t, b), next)
	if err := b.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
}

// equal says whether both have the same keys with the same values.
func equal(a, b snapshottest.Records) bool {
	byKey := func(x, y snapshot.Record) int { return bytes.Compare(x.Key, y.Key) }
	a, b = slices.SortedFunc(slices.Values(a), byKey), slices.SortedFunc(slices.Values(b), byKey)
	return slices.EqualFunc(a, b, func(x, y snapshot.Record) bool {
		return bytes.Equal(x.Key, y.Key) && bytes.Equal(x.Value, y.Value) && len(x.Fields) == len(y.Fields)
	})
}

func TestSeveralTables(t *testing.T) {
	fs := vfs.NewMem()
	b := openOn(t, fs)
	records := snapshottest.Numbered(1000, "x")
	save(t, b, records)
	snapshottest.Same(t, load(t, b), records)
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

// TestCrash stops the machine before every operation on the disk, with none,
// some or all of what was not synced being lost.
func TestCrash(t *testing.T) {
	for _, test := range scenarios() {
		t.Run(test.name, func(t *testing.T) {
			disk := vfs.NewCrashableMem()
			crash := crashes{disk: disk, random: rand.New(rand.NewPCG(1, 2))}
			b := openOn(t, errorfs.Wrap(disk, &crash))
			s := test.begin(t, b)
			before := s.Records()
			crash.arm()
			if err := test.do(t, b, s); err != nil {
				t.Fatal(err)
			}
			clones := crash.disarm()
			if len(clones) < 30 {
				t.Fatalf("only %d operations", len(clones)/3)
			}
			for i := 0; i < len(clones); i += snapshottest.Stride {
				wantEither(t, openOn(t, clones[i]), before, s.Records())
			}
			after := openOn(t, disk.CrashClone(vfs.CrashCloneCfg{}))
			snapshottest.Same(t, load(t, after), s.Records())
		})
	}
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

// TestDiskError makes every operation on the disk fail, one at a time, and then
// every one from there on.
func TestDiskError(t *testing.T) {
	for _, test := range scenarios() {
		for name, hit := range map[string]func(n, at int64) bool{
			"once":         func(n, at int64) bool { return n == at },
			"from then on": func(n, at int64) bool { return n >= at },
		} {
			t.Run(test.name+"/"+name, func(t *testing.T) {
				done := 0
				for at := int64(1); done < 3; at += snapshottest.Stride { // until the error comes too late
					if at > 2000 {
						t.Fatal("it never succeeds")
					}
					if failAt(t, test, func(n int64) bool { return hit(n, at) }) {
						done++
					}
				}
			})
		}
	}
}

// failAt makes those operations fail that hit says, and reports whether the
// scenario succeeded all the same.
func failAt(t *testing.T, test scenario, hit func(n int64) bool) bool {
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
	s := test.begin(t, b)
	before := s.Records()
	armed.Store(true)
	err := test.do(t, b, s)
	armed.Store(false)
	after := s.Records()
	if err != nil && b.broken.Load() == nil && !errors.Is(err, errorfs.ErrInjected) {
		t.Errorf("error %v hides the cause", err)
	}
	// What is on the disk, synced or not, is a snapshot, and so is what a
	// power cut leaves.
	for _, percent := range []int{0, 100} {
		fs := disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: rand.New(rand.NewPCG(1, 2))})
		wantEither(t, openOn(t, fs), before, after)
	}
	switch broken := b.broken.Load(); {
	case broken != nil:
		if !errors.Is(err, *broken) {
			t.Errorf("the store broke with %v, and the error is %v", *broken, err)
		}
		if _, err := b.Load(t.Context(), &snapshottest.Sink{}); !errors.Is(err, *broken) {
			t.Errorf("Load from a broken store: %v", err)
		}
	case err == nil || !b.recorded: // in place, but not in the record yet
		snapshottest.Same(t, load(t, b), after)
	default:
		snapshottest.Same(t, load(t, b), before)
	}
	// The next save makes up for it.
	s.Put(snapshot.Record{Key: []byte("later"), Value: []byte("v")})
	saveFrom(t, b, s)
	snapshottest.Same(t, load(t, b), s.Records())
	if err := b.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	return err == nil
}
