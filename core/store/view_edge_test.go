package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/store/hash"
)

func openView(t *testing.T, open func() (snapshot.View, error)) *View {
	t.Helper()
	v, err := open()
	if err != nil {
		t.Fatal(err)
	}
	return v.(*View)
}

// keysOf walks a view and returns its keys.
func keysOf(t *testing.T, v *View) map[string]bool {
	t.Helper()
	keys := map[string]bool{}
	if err := v.Walk(t.Context(), 1, func(_ int, r snapshot.Record) error {
		keys[string(r.Key)] = true
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return keys
}

// A write for which there is memory succeeds though there is none to keep what
// it replaces: the snapshot fails instead.
func TestNoMemoryForCopiesFailsTheView(t *testing.T) {
	st := newStore(t, Options{Shards: 1, Reserve: 64 << 20})
	const n = 2600
	value := func(i, version int) []byte { return bytes.Repeat([]byte{byte(i), byte(version)}, 14<<10/2) }
	for i := range n {
		mustSet(t, st, numbered(st, i), value(i, 1), 0, epoch)
	}
	hash := st.Key([]byte("hash"))
	sh := st.Lock(hash)
	f, err := sh.Fields(hash, epoch)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3000 {
		if _, err := f.Set(fmt.Append(nil, i), value(i, 1)[:100], 0); err != nil {
			t.Fatal(err)
		}
	}
	f.Done()
	sh.Unlock()
	v := openView(t, st.View)
	for pass := range 3 {
		for i := range n {
			mustSet(t, st, numbered(st, i), value(i, pass+2), 0, epoch)
		}
	}
	if st.Kept() == 0 {
		t.Error("nothing was kept")
	}
	remove(st, hash, epoch)
	if err := v.Walk(t.Context(), 1, func(int, snapshot.Record) error { return nil }); !errors.Is(err, ErrNoMemory) {
		t.Errorf("the walk says %v, want %v", err, ErrNoMemory)
	}
	v.Close(false)
	checkUnviewed(t, st)
	for i := range n {
		if got, _, ok := get(st, numbered(st, i), epoch); !ok || !bytes.Equal(got, value(i, 4)) {
			t.Fatalf("key %d was not written", i)
		}
	}
	v = openView(t, st.View)
	if keys := keysOf(t, v); len(keys) != n {
		t.Errorf("the next view has %d keys, want %d", len(keys), n)
	}
	v.Close(true)
	checkUnviewed(t, st)
}

// A walk stops at the first error of yield and when its context ends, in all
// workers, and what is left is cleaned up by Close.
func TestWalkEndsEarly(t *testing.T) {
	st := newStore(t, Options{Shards: 16})
	for i := range 20_000 {
		mustSet(t, st, numbered(st, i), nil, 0, epoch)
	}
	v := openView(t, st.View)
	stop := errors.New("stop")
	if err := v.Walk(t.Context(), 2, func(int, snapshot.Record) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("the walk says %v, want %v", err, stop)
	}
	v.Close(false)
	v = openView(t, st.View)
	ctx, cancel := context.WithCancel(t.Context())
	if err := v.Walk(ctx, 2, func(int, snapshot.Record) error { cancel(); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("the walk says %v", err)
	}
	if n := v.Walked(); n > 20*viewStep {
		t.Errorf("%d records were yielded after the end of the context", n)
	}
	v.Close(false)
	checkUnviewed(t, st)
}

// What a load brings is no change; what it leaves out, removes or evicts is.
func TestChangesSinceALoad(t *testing.T) {
	st := newStore(t, Options{Shards: 4})
	st.TrackChanges()
	st.Loading()
	for i := range 1000 {
		mustSet(t, st, numbered(st, i), nil, 0, epoch)
	}
	st.Gone(st.Key([]byte("expired")))
	remove(st, numbered(st, 7), epoch)
	st.Loaded(true)
	mustSet(t, st, numbered(st, 8), []byte("changed"), 0, epoch)
	v := openView(t, st.Changes)
	defer v.Close(true)
	if v.Full() {
		t.Fatal("everything counts as changed")
	}
	var gone []string
	if err := v.Deleted(func(key []byte) error { gone = append(gone, string(key)); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(gone) != 2 {
		t.Errorf("deleted: %q", gone)
	}
	if keys := keysOf(t, v); !keys[string(numbered(st, 8).Bytes)] || len(keys) > 20 || v.Len() != 1 {
		t.Errorf("%d keys changed of about %d", len(keys), v.Len())
	}
}

func TestFailedLoadLeavesEverythingChanged(t *testing.T) {
	st := newStore(t, Options{Shards: 4})
	st.TrackChanges()
	st.Loading()
	mustSet(t, st, numbered(st, 1), nil, 0, epoch)
	st.Loaded(false)
	v := openView(t, st.Changes)
	defer v.Close(false)
	if !v.Full() || v.Len() != 1 {
		t.Errorf("full: %v, about %d keys", v.Full(), v.Len())
	}
}

// Too many removed keys are not remembered: the next view has everything.
func TestTooManyDeletions(t *testing.T) {
	st := newStore(t, Options{Shards: 4})
	v := openView(t, st.Changes)
	keysOf(t, v)
	v.Close(true)
	key := bytes.Repeat([]byte("k"), 1<<20)
	for i := range maxGone>>20 + 1 {
		copy(key, fmt.Sprintf("%08d", i))
		mustSet(t, st, st.Key(key), nil, 0, epoch)
		remove(st, st.Key(key), epoch)
	}
	v = openView(t, st.Changes)
	if err := v.Deleted(func([]byte) error { return errors.New("a key") }); !v.Full() || err != nil {
		t.Errorf("full: %v; deleted: %v", v.Full(), err)
	}
	v.Close(true)
	v = openView(t, st.Changes)
	defer v.Close(true)
	if v.Full() {
		t.Error("the view after it has everything, too")
	}
}

// A write to a large hash copies one leaf of it and no more.
func TestViewCopiesOneLeafOfALargeHash(t *testing.T) {
	st := newStore(t, Options{Shards: 1})
	k := st.Key([]byte("hash"))
	sh := st.Lock(k)
	f, err := sh.Fields(k, epoch)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 50_000 {
		if _, err := f.Set(fmt.Append(nil, i), []byte("value"), 0); err != nil {
			t.Fatal(err)
		}
	}
	f.Done()
	sh.Unlock()
	v := openView(t, st.View)
	for range 2 {
		sh = st.Lock(k)
		if f, err = sh.Fields(k, epoch); err == nil {
			_, err = f.Set([]byte("7"), []byte("other"), 0)
		}
		f.Done()
		sh.Unlock()
		if err != nil {
			t.Fatal(err)
		}
	}
	if n := v.Copied(); n == 0 || n > hash.LeafBytes {
		t.Errorf("%d bytes were copied", n)
	}
	fields := 0
	if err := v.Walk(t.Context(), 1, func(_ int, r snapshot.Record) error {
		for _, f := range r.Fields {
			fields++
			if string(f.Value) != "value" {
				return fmt.Errorf("field %s is %s", f.Name, f.Value)
			}
		}
		return nil
	}); err != nil || fields != 50_000 {
		t.Errorf("%d fields: %v", fields, err)
	}
	v.Close(true)
	checkUnviewed(t, st)
}

func TestTakenIsTheMoment(t *testing.T) {
	st := newStore(t, Options{Shards: 2})
	before := time.Now()
	v := openView(t, st.View)
	defer v.Close(true)
	if at := v.Taken(); at.Before(before) || at.After(time.Now()) || !v.Full() {
		t.Errorf("taken at %v, full: %v", at, v.Full())
	}
}

// Workers beyond those that may go on rest, and the walk is complete all the
// same.
func TestWalkShares(t *testing.T) {
	st := newStore(t, Options{Shards: 64})
	for i := range 10_000 {
		mustSet(t, st, numbered(st, i), nil, 0, epoch)
	}
	v := openView(t, st.View)
	defer v.Close(true)
	v.Share(func() (int, bool) { return 1, true })
	var by [3]int
	if err := v.Walk(t.Context(), 3, func(worker int, _ snapshot.Record) error { by[worker]++; return nil }); err != nil {
		t.Fatal(err)
	}
	// A worker asks after its first step.
	if n := by[0] + by[1] + by[2]; n != 10_000 || by[1]+by[2] > 4*10_000/64 {
		t.Errorf("the workers yielded %d records", by)
	}
}

// A large hash that is made after FLUSHALL has nothing to do with the one of the
// same name that a snapshot is in the middle of.
func TestALargeHashMadeAnewIsNotTheOneThatIsWalked(t *testing.T) {
	st := newStore(t, Options{Shards: 1})
	k := st.Key([]byte("hash"))
	change := func(do func(f *Fields)) {
		t.Helper()
		sh := st.Lock(k)
		defer sh.Unlock()
		f, err := sh.Fields(k, epoch)
		if err != nil {
			t.Fatal(err)
		}
		do(&f)
		f.Done()
	}
	fill := func(version string) {
		change(func(f *Fields) {
			for i := range 5000 {
				if _, err := f.Set(fmt.Append(nil, i), []byte(version), 0); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	for _, closes := range []bool{true, false} {
		fill("old")
		var vr viewer
		vr.begin(t, openView(t, st.View), dump(st, epoch), 1)
		if vr.turn(t, 0) || vr.v.parts[0].walked == nil {
			t.Fatal("the walk is not in the middle of the hash")
		}
		release := st.Whole().Flush()
		fill("new")
		change(func(f *Fields) {
			for i := range 2500 {
				f.Delete(fmt.Append(nil, i))
			}
		})
		if closes {
			vr.walkers[0].drop()
		} else {
			for !vr.turn(t, 0) {
			}
			vr.check(t)
		}
		vr.v.Close(!closes)
		release()
		checkUnviewed(t, st)
		st.Whole().Flush()()
	}
}
