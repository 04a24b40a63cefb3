package pebble

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/snapshot"
)

// generated is a source of n records of 256 bytes, half of each random. The
// first of them have the version of the newest change.
type generated struct {
	n, changed int
	all        bool
	version    uint64
}

func (g generated) View() (snapshot.View, error)    { return generatedView{g}, nil }
func (g generated) Changes() (snapshot.View, error) { return generatedView{g}, nil }

type generatedView struct{ generated }

func (g generatedView) Taken() time.Time                 { return time.Now() }
func (g generatedView) Full() bool                       { return g.all }
func (g generatedView) Deleted(func([]byte) error) error { return nil }
func (g generatedView) Close(bool)                       {}
func (g generatedView) Len() int {
	if g.all {
		return g.n
	}
	return g.changed
}

func (g generatedView) Walk(_ context.Context, workers int, yield func(int, snapshot.Record) error) error {
	var wg sync.WaitGroup
	errs := make([]error, workers)
	n := g.Len()
	for w := range workers {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(g.version, uint64(w)))
			key, value := make([]byte, 0, 32), make([]byte, 256)
			for i := w; i < n; i += workers {
				for j := 0; j < 128; j += 8 {
					binary.LittleEndian.PutUint64(value[j:], random.Uint64())
				}
				// Records come as from a hash table: in no order.
				at := uint64(i)
				if g.all {
					at = (at*2654435761 + 12345) % uint64(g.n)
				} else {
					at = random.Uint64N(uint64(g.n))
				}
				key = strconv.AppendUint(append(key[:0], "key:"...), at, 10)
				if errs[w] = yield(w, snapshot.Record{Key: key, Value: value}); errs[w] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

type counter struct{}

func (counter) Put(snapshot.Record) error { return nil }

func benchRows() int {
	if n, err := strconv.Atoi(os.Getenv("ROWS")); err == nil {
		return n
	}
	return 300_000
}

func BenchmarkSave(b *testing.B) {
	for _, compression := range []string{"none", "snappy", "minlz", "zstd"} {
		b.Run(compression, func(b *testing.B) {
			be := openBench(b, compression)
			src := generated{n: benchRows(), all: true}
			for b.Loop() {
				if _, err := be.Save(b.Context(), src); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/float64(src.n), "ns/row")
			b.ReportMetric(float64(total(be.list))/float64(src.n), "B/row")
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	for _, compression := range []string{"none", "snappy", "minlz", "zstd"} {
		b.Run(compression, func(b *testing.B) {
			be := openBench(b, compression)
			src := generated{n: benchRows(), all: true}
			if _, err := be.Save(b.Context(), src); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := be.Load(b.Context(), counter{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/float64(src.n), "ns/row")
		})
	}
}

func openBench(b *testing.B, compression string) *Backend {
	cfg := configFor(b.TempDir())
	cfg.Compression = compression
	be := New(cfg)
	if err := be.Open(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := be.Close(); err != nil {
			b.Error(err)
		}
	})
	return be
}
