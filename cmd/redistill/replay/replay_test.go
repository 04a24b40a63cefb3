package replay

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/eviction"
)

// oldest is an LRU over so many samples that it is a true one, in effect.
type oldest struct{}

func (oldest) Name() string         { return "allkeys-lru" }
func (oldest) Samples() int         { return 64 }
func (oldest) ReadSampling() uint32 { return 1 }
func (oldest) Insert(now int64) eviction.Recency {
	return eviction.Recency(now/1000) & eviction.RecencyMask
}
func (p oldest) Touch(_ eviction.Recency, now int64) eviction.Recency { return p.Insert(now) }
func (p oldest) Rank(c eviction.Candidate, now int64) (uint64, bool) {
	return uint64(p.Insert(now)-c.Recency) & eviction.RecencyMask, true
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	data := []byte(text)
	if filepath.Ext(name) == ".gz" {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, err := w.Write(data)
		if err2 := w.Close(); err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		data = b.Bytes()
	}
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestTracesAreReadWithAndWithoutSizes(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.txt", "x\ny,12\nx,9\n\nz\n")
	write(t, dir, "b.txt.gz", "x\ny,12\nx,9\n\nz\n")
	write(t, dir, "empty.txt", "\n")
	write(t, dir, "other.csv", "x")
	paths, err := FindTraces(dir)
	if err != nil || len(paths) != 3 {
		t.Fatalf("%v, %v", paths, err)
	}
	for _, path := range paths {
		tr, err := ReadTrace(path)
		if strings.Contains(path, "empty") {
			if err == nil {
				t.Error("a trace without requests is read")
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(tr.Requests, tr.Unique); got != "[0 1 0 2] 3" {
			t.Errorf("%s: %s", path, got)
		}
	}
	if _, err := FindTraces(t.TempDir()); err == nil {
		t.Error("traces are found in an empty directory")
	}
}

func TestReferenceProblemsAreNamed(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "reference.csv")
	if r, err := ReadReference(path); err != nil || len(r.Sizes("a")) != 0 {
		t.Errorf("no file: %v, %v", r, err)
	}
	for text, want := range map[string]string{
		"":               "is empty",
		"trace,policy\n": "no column cache_objects",
		"trace,cache_objects,policy,miss_ratio\na,x,lru,0.5\n": "row 2",
	} {
		write(t, dir, "reference.csv", text)
		if _, err := ReadReference(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// lruMisses is what an LRU of so many objects misses.
func lruMisses(requests []uint32, objects int) float64 {
	var order []uint32
	misses := 0
	for _, n := range requests {
		at := -1
		for i, m := range order {
			if m == n {
				at = i
			}
		}
		if at >= 0 {
			order = append(order[:at], order[at+1:]...)
		} else if misses++; len(order) == objects {
			order = order[1:]
		}
		order = append(order, n)
	}
	return float64(misses) / float64(len(requests))
}

// The replay of a drawn trace holds as many objects as asked for and misses
// what an LRU would; a reference that is better shows as a bar missed.
func TestReplayIsALRU(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(random, 1.1, 5, 5000)
	tr := &Trace{Name: "drawn", Unique: 5001}
	var text strings.Builder
	for range 20_000 {
		n := uint32(zipf.Uint64())
		tr.Requests = append(tr.Requests, n)
		fmt.Fprintln(&text, n)
	}
	run := Run{Trace: tr, Policy: oldest{}, Objects: 1000, Pace: time.Second}
	got, err := run.Do()
	if err != nil {
		t.Fatal(err)
	}
	want := lruMisses(tr.Requests, 1000)
	if got.Held < 995 || got.Held > 1005 || got.MissRatio < want-0.005 || got.MissRatio > want+0.005 {
		t.Errorf("%.1f objects and %.4f missed, want 1000 and %.4f", got.Held, got.MissRatio, want)
	}
	dir := t.TempDir()
	write(t, dir, "drawn.txt.gz", text.String())
	for ratio, wantMissed := range map[float64]int{want: 0, want - 0.05: 1} {
		write(t, dir, "reference.csv", fmt.Sprintf("trace,cache_objects,policy,miss_ratio\ndrawn,1000,lru,%f\ndrawn,1000,belady,0.1\n", ratio))
		ref, err := ReadReference(filepath.Join(dir, "reference.csv"))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		missed, err := Compare(&out, Options{Traces: []string{filepath.Join(dir, "drawn.txt.gz")}, Reference: ref,
			Policies: []eviction.Policy{oldest{}}, Pace: time.Second})
		if err != nil || missed != wantMissed {
			t.Errorf("reference %.4f: %d bars missed, want %d; %v\n%s", ratio, missed, wantMissed, err, out.String())
		}
		if !strings.Contains(out.String(), "1000 objects, optimum 0.1000") {
			t.Errorf("printed: %s", out.String())
		}
	}
}
