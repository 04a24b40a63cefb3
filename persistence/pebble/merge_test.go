package pebble

import (
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/snapshot/snapshottest"
)

// churned opens a backend and saves a store to it, whole and then in n
// increments. Nothing has been merged.
func churned(t *testing.T, fs vfs.FS, n int) (*Backend, *snapshottest.Store) {
	t.Helper()
	b, s := openOn(t, fs), snapshottest.NewStore()
	b.floor = 1 << 40
	random := rand.New(rand.NewPCG(3, 4))
	s.Churn(random, 200, 150)
	for range n {
		saveFrom(t, b, s)
		s.Churn(random, 20, 150)
	}
	saveFrom(t, b, s)
	if len(b.generations()) != n+1 {
		t.Fatalf("%d generations, want %d", len(b.generations()), n+1)
	}
	return b, s
}

func saveFrom(t *testing.T, b *Backend, s *snapshottest.Store) {
	t.Helper()
	if _, err := b.Save(t.Context(), s); err != nil {
		t.Fatalf("Save: %v", err)
	}
}

// TestMergeModel saves so often that generations of all ages are merged.
func TestMergeModel(t *testing.T) {
	fs := vfs.NewMem()
	b, s := openOn(t, fs), snapshottest.NewStore()
	b.floor = 100 << 10
	random := rand.New(rand.NewPCG(5, 6))
	for round := range 300 {
		s.Churn(random, 30, 2000)
		saveFrom(t, b, s)
		if round%3 == 0 { // others are merged while the next are saved
			b.background.Wait()
		}
		if n := len(b.generations()); n > 3*mergeCount {
			t.Fatalf("round %d: %d generations", round, n)
		}
		if round%20 == 0 {
			b.background.Wait()
			snapshottest.Same(t, load(t, b), s.Records())
		}
	}
	b.background.Wait()
	snapshottest.Same(t, load(t, b), s.Records())
	if first := b.generations()[0].number; first == 1 {
		t.Error("the first generation was never merged")
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	snapshottest.Same(t, load(t, openOn(t, fs)), s.Records())
}

// A merge of everything leaves only what counts, and once.
func TestMergeDropsWhatIsDead(t *testing.T) {
	b, s := churned(t, vfs.NewMem(), 5)
	live := len(s.Records())
	gone := snapshottest.Records{{Key: []byte("expired"), Value: []byte("v"), ExpireAt: 1}}
	s.Put(gone[0])
	saveFrom(t, b, s)
	if err := b.mergeAll(t.Context(), b.generations(), true); err != nil {
		t.Fatal(err)
	}
	s.Delete("expired")
	snapshottest.Same(t, load(t, b), s.Records())
	sc, err := b.scan(0, 1<<20, 0)
	if err != nil {
		t.Fatal(err)
	}
	if g := sc.generations; len(g) != 1 || !g[0].full || int(g[0].rows) != live {
		t.Errorf("%d generations, the first of %d rows, want one full one of %d", len(g), g[0].rows, live)
	}
	if err := sc.close(); err != nil {
		t.Fatal(err)
	}
}

// A part is merged with its tombstones, which hide what is older.
func TestMergeOfNewest(t *testing.T) {
	b, s := churned(t, vfs.NewMem(), 6)
	list := b.generations()
	if err := b.mergeAll(t.Context(), list[3:], false); err != nil {
		t.Fatal(err)
	}
	if n := len(b.generations()); n != 4 {
		t.Errorf("%d generations, want 4", n)
	}
	snapshottest.Same(t, load(t, b), s.Records())
}

// A snapshot of everything that is saved during a merge makes it void.
func TestMergeOvertaken(t *testing.T) {
	b, s := churned(t, vfs.NewMem(), 3)
	list := b.generations()
	s.Flush()
	s.Put(snapshot.Record{Key: []byte("k"), Value: []byte("v")})
	saveFrom(t, b, s)
	if err := b.mergeAll(t.Context(), list, true); !errors.Is(err, errOvertaken) {
		t.Errorf("merge of what is gone: %v", err)
	}
	snapshottest.Same(t, load(t, b), s.Records())
	if left, err := b.fs.List(b.incoming()); err != nil || len(left) > 0 {
		t.Errorf("the merge left %q, %v", left, err)
	}
}

// Rows that had expired when they were loaded are worth a merge.
func TestExpiredAreMergedAway(t *testing.T) {
	b, s := openOn(t, vfs.NewMem()), snapshottest.NewStore()
	b.floor = 1
	for i := range 100 {
		s.Put(snapshot.Record{Key: []byte{byte(i)}, Value: make([]byte, 100), ExpireAt: int64(i%2) + 1})
	}
	saveFrom(t, b, s)
	load(t, b)
	s.Put(snapshot.Record{Key: []byte("lives"), Value: []byte("v")})
	saveFrom(t, b, s)
	b.background.Wait()
	snapshottest.Same(t, load(t, b), snapshottest.Records{{Key: []byte("lives"), Value: []byte("v")}})
}

// TestBytesWritten plays many snapshots of one percent of changes and adds up
// what is written, merges included.
func TestBytesWritten(t *testing.T) {
	const whole, changes, saves = 1 << 30, 1 << 30 / 100, 500
	var written uint64
	list, most := []size{{1, whole}}, 0
	for i := range saves {
		list = append(list, size{uint32(i) + 2, changes})
		written += changes
		if at := toMerge(list, 0, mergeFloor); at >= 0 {
			merged := size{list[len(list)-1].number, total(list[at:])}
			if at == 0 {
				merged.bytes = whole // the same keys as before
			}
			written += merged.bytes
			list = append(list[:at], merged)
		}
		most = max(most, len(list))
	}
	if share := float64(written) / saves / whole; share > 0.05 {
		t.Errorf("a snapshot of 1 %% of changes writes %.1f %% on average", 100*share)
	}
	if most > 2*mergeCount {
		t.Errorf("up to %d generations", most)
	}
}

// counting counts the bytes that are written to files.
type counting struct {
	vfs.FS
	bytes atomic.Int64
}

func (c *counting) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := c.FS.Create(name, category)
	return countingFile{f, &c.bytes}, err
}

func (c *counting) OpenReadWrite(name string, category vfs.DiskWriteCategory, opts ...vfs.OpenOption) (vfs.File, error) {
	f, err := c.FS.OpenReadWrite(name, category, opts...)
	return countingFile{f, &c.bytes}, err
}

type countingFile struct {
	vfs.File
	bytes *atomic.Int64
}

var _ io.Writer = countingFile{}

func (f countingFile) Write(p []byte) (int, error) {
	f.bytes.Add(int64(len(p)))
	return f.File.Write(p)
}

// TestIncrementIsSmall counts what really goes to the disk.
func TestIncrementIsSmall(t *testing.T) {
	fs := &counting{FS: vfs.NewMem()}
	b := openOn(t, fs)
	b.chunk = chunkBytes
	s := generated{n: 30_000, all: true}
	written := func(s generated) int64 {
		before := fs.bytes.Load()
		if _, err := b.Save(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		b.background.Wait()
		return fs.bytes.Load() - before
	}
	whole := written(s)
	s.all, s.changed, s.version = false, s.n/100, 1
	if part := written(s); part > whole/20 {
		t.Errorf("1 %% of changes writes %d bytes after %d for everything, more than 5 %%", part, whole)
	}
}

func TestGenerationsOfAnEmptyStore(t *testing.T) {
	b, s := openOn(t, vfs.NewMem()), snapshottest.NewStore()
	saveFrom(t, b, s)
	saveFrom(t, b, s) // nothing changed: nothing is written
	if list := b.generations(); len(list) != 1 || list[0].number != 1 {
		t.Errorf("generations %v, want one", list)
	}
	s.Delete("never there")
	saveFrom(t, b, s)
	snapshottest.Same(t, load(t, b), nil)
	if list := slices.Clone(b.generations()); len(list) != 2 {
		t.Errorf("generations %v, want two", list)
	}
}
