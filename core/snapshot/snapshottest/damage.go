package snapshottest

import (
	"errors"
	"flag"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/snapshot"
)

// How much damage is tried. Whoever runs the suite can give these to go test,
// after the package's name.
var (
	damagesFlag    = flag.Int("damages", 300, "how many random damages the conformance suite tries")
	damageSeedFlag = flag.Uint64("damage-seed", 1, "what the random damages are made from; 0: another each time")
	everyByteFlag  = flag.Bool("every-byte", false, "whether each byte of each file is changed, and not some bytes of large files")
)

// Of a file that is not small, about someBytes bytes are changed unless all are.
const (
	smallFile = 700
	someBytes = 32
)

// victim is what a backend has left on disk after a life of several snapshots,
// and what its last one holds.
type victim struct {
	Factory
	tree  tree
	want  Records
	older []tree // after the snapshots before the last one
	// scratch is where copies of it are damaged: in memory, where there is such a
	// place, since nothing here is about what a disk does.
	scratch string

	loaded, refused int // so often
	// left are files that an interrupted Save has left, which a first one may as
	// well.
	left map[string]bool
}

// anyDamage: whatever happens to the files of a snapshot, the backend loads the
// last one exactly, or refuses with an error that says what to do and changes
// nothing: not one file is written, made or deleted.
//
// Where all files are gone, there is nothing that could tell: that is what a first
// start looks like.
func (f Factory) anyDamage(t *testing.T) {
	v := f.victim(t)
	files := v.tree.files()
	t.Run("none", func(t *testing.T) { v.try(t, false) })
	t.Run("changed", func(t *testing.T) {
		random := rand.New(rand.NewPCG(11, 12))
		for _, path := range files {
			n := len(v.tree[path].content)
			step := 1
			if n > smallFile && !*everyByteFlag {
				step = n / someBytes
			}
			for at := 0; at < n; at += step * Stride {
				v.try(t, true, byteChanged(path, min(n-1, at+random.IntN(step*Stride)), byte(1+random.IntN(255))))
			}
		}
	})
	t.Run("cut", func(t *testing.T) {
		for _, path := range files {
			for _, to := range lengths(len(v.tree[path].content)) {
				v.try(t, true, cut(path, to))
			}
		}
	})
	t.Run("removed", func(t *testing.T) {
		for _, path := range files {
			v.try(t, true, removed(path))
		}
	})
	t.Run("swapped", func(t *testing.T) {
		for i, one := range files {
			for _, other := range files[i+1:] {
				v.try(t, false, swapped(one, other))
			}
		}
	})
	t.Run("older", func(t *testing.T) {
		for _, before := range v.older {
			paths := before.files()
			if len(paths) == 1 { // it is all of an older snapshot, which is sound
				continue
			}
			for _, path := range paths {
				v.try(t, false, older(path, before[path].content))
			}
		}
	})
	t.Run("random", v.random)
}

// lengths are those that a file of n bytes is cut to: none and all but a few
// bytes, and those between by their magnitude.
func lengths(n int) (to []int) {
	for length := 1; length < n; length *= 2 {
		to = append(to, length, n-length)
	}
	if n > 0 {
		to = append(to, 0, n/2)
	}
	slices.Sort(to)
	return slices.Compact(to)
}

// victim lives through several snapshots and a restart.
func (f Factory) victim(t *testing.T) *victim {
	const space = 60
	dir := t.TempDir()
	v := &victim{Factory: f, scratch: "/dev/shm"}
	if info, err := os.Stat(v.scratch); err != nil || !info.IsDir() {
		v.scratch = t.TempDir()
	}
	s := NewStore()
	random := rand.New(rand.NewPCG(3, 4))
	for life := range 2 {
		b := f.open(t, dir)
		if life > 0 {
			b.wantLoad(t, s.Taken())
		}
		for range 3 {
			s.Churn(random, space/2, space)
			if len(v.tree) > 0 {
				v.older = append(v.older, v.tree)
			}
			b.saveStore(t, s)
			v.tree = readTree(t, dir)
		}
		b.close(t)
	}
	v.tree, v.want, v.left = readTree(t, dir), s.Taken(), map[string]bool{}
	if f.Leave == nil {
		return v
	}
	f.Leave(t, dir)
	complete := v.tree
	v.tree = readTree(t, dir)
	for path := range v.tree {
		_, part := complete[path]
		v.left[path] = !part
	}
	return v
}

// random tries damages of all kinds, some of them two or three at once.
func (v *victim) random(t *testing.T) {
	seed := *damageSeedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("%d damages with seed %d: repeat with -damages and -damage-seed", *damagesFlag/Stride, seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for range *damagesFlag / Stride {
		harms := []harm{randomHarm(v.tree, random)}
		for len(harms) < 3 && random.IntN(4) == 0 {
			harms = append(harms, randomHarm(v.tree, random))
		}
		v.try(t, false, harms...)
	}
	t.Logf("with those before, %d times the last snapshot was loaded, and %d times it was refused", v.loaded, v.refused)
	if v.refused == 0 {
		t.Error("no damage was ever refused")
	}
}

// try damages a copy of the files and opens it. single says that the error, if
// there is one, has to name the file that was damaged.
func (v *victim) try(t *testing.T, single bool, harms ...harm) {
	t.Helper()
	dir, err := os.MkdirTemp(v.scratch, "damage")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	}()
	damaged := maps.Clone(v.tree)
	var what []string
	for _, h := range harms {
		h.do(damaged)
		what = append(what, h.name)
	}
	damaged.write(t, dir)
	problem := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%s: "+format, append([]any{strings.Join(what, "; ")}, args...)...)
	}

	b := v.New(t, dir)
	var s Sink
	err = b.Open(t.Context())
	if err == nil {
		_, err = b.Load(t.Context(), &s)
	}
	if err == nil || errors.Is(err, snapshot.ErrNoSnapshot) { // then it can be replaced
		next, last := Numbered(5, "next"), Sink{}
		_, saveErr := b.Save(t.Context(), next.Source())
		_, loadErr := b.Load(t.Context(), &last)
		if d := difference(last.Records, next); saveErr != nil || loadErr != nil || d != "" {
			problem("no other can be saved: %v, %v, %s", saveErr, loadErr, d)
		}
	}
	if closeErr := b.Close(); closeErr != nil {
		problem("Close: %v", closeErr)
	}
	switch {
	case err == nil:
		v.loaded++
		if d := difference(s.Records, v.want); d != "" {
			problem("a wrong state was taken for the last snapshot: %s", d)
		}
		return
	case errors.Is(err, snapshot.ErrNoSnapshot):
		if slices.ContainsFunc(damaged.files(), func(path string) bool { return !v.left[path] }) {
			problem("it was taken for a first start: %v", err)
		}
		return
	}
	v.refused++
	names(t, b, err)
	if !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "; ") {
		problem("the error does not say where and what to do: %v", err)
	}
	if single && !strings.Contains(err.Error(), stem(harms[0].files[0])) {
		problem("the error does not name the file: %v", err)
	}
	if d := damaged.difference(readTree(t, dir)); d != "" {
		problem("it was refused, but %s; the error is %v", d, err)
	}
}

// stem is what an error has to say of a file's name: what comes before the
// numbers in it, which the backend may not know of a file that is gone.
func stem(path string) string {
	name := filepath.Base(path)
	if at := strings.IndexAny(name, "0123456789"); at > 0 {
		return name[:at]
	}
	return name
}
