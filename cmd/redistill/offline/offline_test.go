package offline

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/snapshot"
)

// memory is a backend that loads n numbered records from several goroutines
// and counts those that it saves.
type memory struct {
	snapshot.Backend
	n       int
	workers int // for Walk
	fail    error
	saved   atomic.Int64
}

func (*memory) ID() string { return "persistence.memory" }

func (m *memory) Load(_ context.Context, sink snapshot.Sink) (snapshot.Info, error) {
	var wg sync.WaitGroup
	var failed atomic.Pointer[error]
	for g := range 4 {
		wg.Go(func() {
			for i := g; i < m.n && failed.Load() == nil; i += 4 {
				if err := sink.Put(snapshot.Record{Key: fmt.Appendf(nil, "key:%d", i), Value: make([]byte, i)}); err != nil {
					failed.Store(&err)
				}
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return snapshot.Info{}, fmt.Errorf("putting: %w", *err)
	}
	return snapshot.Info{Keys: int64(m.n)}, m.fail
}

func (m *memory) Save(ctx context.Context, src snapshot.Source) (snapshot.Info, error) {
	view, err := src.Changes()
	if err != nil {
		return snapshot.Info{}, err
	}
	busy := make([]atomic.Bool, m.workers)
	err = view.Walk(ctx, m.workers, func(worker int, _ snapshot.Record) error {
		if busy[worker].Swap(true) {
			return fmt.Errorf("worker %d is used twice at once", worker)
		}
		defer busy[worker].Store(false)
		if m.fail != nil {
			return m.fail
		}
		m.saved.Add(1)
		return nil
	})
	view.Close(err == nil)
	if err != nil {
		return snapshot.Info{}, fmt.Errorf("saving: %w", err)
	}
	return snapshot.Info{Keys: m.saved.Load()}, nil
}

func TestConvertBorrowsWorkers(t *testing.T) {
	for _, workers := range []int{1, 3, 8} {
		from, to := &memory{n: 1000}, &memory{workers: workers}
		done, err := Convert(t.Context(), from, to, time.Now())
		if err != nil || done.To.Keys != 1000 || done.From.Keys != 1000 {
			t.Errorf("%d workers: %+v, %v", workers, done, err)
		}
	}
}

// Each side's error is told apart, whichever way it came.
func TestConvertErrors(t *testing.T) {
	broken := errors.New("broken")
	var read ReadError
	_, err := Convert(t.Context(), &memory{n: 10, fail: broken}, &memory{workers: 2}, time.Now())
	if !errors.As(err, &read) || !errors.Is(err, broken) || err.Error() != "broken" {
		t.Errorf("a damaged source: %v", err)
	}
	_, err = Convert(t.Context(), &memory{n: 10}, &memory{workers: 2, fail: broken}, time.Now())
	if errors.As(err, &read) || !errors.Is(err, broken) || err.Error() != "saving: broken" {
		t.Errorf("a full target: %v", err)
	}
}

func TestInspectFindsTheLargest(t *testing.T) {
	r, err := Inspect(t.Context(), &memory{n: 1000}, time.Now(), 3)
	if err != nil {
		t.Fatal(err)
	}
	if r.Keys != 1000 || r.Types[typeString].ValueBytes != 999*1000/2 {
		t.Errorf("%+v", r)
	}
	for i, k := range r.Largest {
		if want := fmt.Sprintf("key:%d", 999-i); k.Name != want {
			t.Errorf("largest number %d is %s, want %s", i, k.Name, want)
		}
	}
	if len(r.Largest) != 3 {
		t.Errorf("%d largest keys", len(r.Largest))
	}
}

func TestFigures(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := Count(n); got != want {
			t.Errorf("Count(%d) = %s", n, got)
		}
	}
	for n, want := range map[int64]string{0: "0 B", 1023: "1023 B", 1536: "1.5 KiB", 5 << 30: "5.0 GiB", 1 << 60: "1048576.0 TiB"} {
		if got := Bytes(n); got != want {
			t.Errorf("Bytes(%d) = %s", n, got)
		}
	}
	now := int64(1_000_000)
	h := newExpiry()
	for _, at := range []int64{0, now - 1, now, now + 60_000, now + 60_001, endless} {
		h.addExpiry(at, now)
	}
	for label, want := range map[string]int64{"never": 1, "expired": 1, "within a minute": 2, "within an hour": 1, "later": 1} {
		for _, c := range h {
			if c.Label == label && c.Keys != want {
				t.Errorf("%s: %d keys, want %d", label, c.Keys, want)
			}
		}
	}
}
