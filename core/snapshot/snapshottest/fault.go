package snapshottest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/redistill-go/redistill/core/snapshot"
)

// Disk is a simulated disk that a backend under test keeps its snapshots on.
type Disk interface {
	// Backend makes a backend on this disk, not open yet.
	Backend() snapshot.Backend
	// Inject has f called before each operation that changes the disk, by one
	// goroutine at a time. An operation fails with f's error if there is one:
	// it is not done, a write perhaps in part. f may call Crash; nil ends it.
	Inject(f func() error)
	// Crash is the disk as a power cut at this moment leaves it, of what was
	// not synced about percent of 100. It is called by Inject's f, or while
	// nothing happens on the disk.
	Crash(percent uint, random *rand.Rand) Disk
}

// Snapshots before and after the one that is disturbed: small ones, with values
// that are written in several steps.
func disturbed() (old, next Records) {
	old, next = Numbered(60, "old"), Numbered(200, "next")
	r := rand.New(rand.NewPCG(5, 6))
	for i := range 3 {
		value := make([]byte, 200<<10)
		for j := 0; j < len(value); j += 8 {
			binary.LittleEndian.PutUint64(value[j:], r.Uint64())
		}
		next = append(next, snapshot.Record{Key: fmt.Appendf(nil, "large:%d", i), Value: value})
	}
	return old, next
}

// openOn opens the disk's backend and closes it when the test ends.
func openOn(t *testing.T, d Disk) *opened {
	t.Helper()
	o := &opened{Backend: d.Backend()}
	if err := o.Open(t.Context()); err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { o.close(t) })
	return o
}

// wantEither fails the test unless the disk has one snapshot or the other,
// whole, and it can be replaced.
func wantEither(t *testing.T, d Disk, old, next Records) {
	t.Helper()
	b := openOn(t, d)
	var s Sink
	if _, err := b.Load(t.Context(), &s); err != nil {
		t.Fatalf("Load: %v", err)
	}
	if len(s.Records) == len(next) {
		Same(t, s.Records, next)
	} else {
		Same(t, s.Records, old)
	}
	last := Numbered(20, "last")
	b.save(t, last)
	b.wantLoad(t, last)
	b.close(t)
}

// powerCut stops the machine before every operation on the disk that a Save
// makes, the first after a start and a later one, with none, some or all of what was not synced being lost.
func (f Factory) powerCut(t *testing.T) {
	old, next := disturbed()
	random := rand.New(rand.NewPCG(7, 8))
	d := f.Disk(t)
	for _, restart := range []bool{false, true} {
		b := openOn(t, d)
		if b.save(t, old); restart {
			b.close(t)
			b = openOn(t, d)
			b.wantLoad(t, old)
		}
		var left []Disk
		d.Inject(func() error {
			for _, percent := range []uint{0, 50, 100} {
				left = append(left, d.Crash(percent, random))
			}
			return nil
		})
		b.save(t, next)
		d.Inject(nil)
		if len(left) < 3*5 {
			t.Fatalf("a Save makes only %d operations on the disk", len(left)/3)
		}
		for i := 0; i < len(left); i += Stride {
			wantEither(t, left[i], old, next)
		}
		// What Save has reported is safe.
		after := openOn(t, d.Crash(0, random))
		after.wantLoad(t, next)
		after.close(t)
		b.close(t)
	}
}

// powerCutAtStart stops the machine before every operation on the disk that a
// start makes: the first one, and one that finds a snapshot.
func (f Factory) powerCutAtStart(t *testing.T) {
	random := rand.New(rand.NewPCG(13, 14))
	start := func(d Disk, last Records) (left []Disk) {
		d.Inject(func() error {
			for _, percent := range []uint{0, 50, 100} {
				left = append(left, d.Crash(percent, random))
			}
			return nil
		})
		b := openOn(t, d)
		var s Sink
		if _, err := b.Load(t.Context(), &s); err != nil && !errors.Is(err, snapshot.ErrNoSnapshot) {
			t.Fatalf("Load: %v", err)
		}
		Same(t, s.Records, last)
		d.Inject(nil)
		b.close(t)
		return left
	}
	d := f.Disk(t)
	old, next := disturbed()
	for i, left := 0, start(d, nil); i < len(left); i += Stride {
		start(left[i], nil)
		b := openOn(t, left[i])
		b.save(t, old)
		b.close(t)
	}
	b := openOn(t, d)
	b.save(t, next)
	b.save(t, old)
	b.close(t)
	for i, left := 0, start(d, old); i < len(left); i += Stride {
		b := openOn(t, left[i])
		b.wantLoad(t, old)
		b.save(t, next)
		b.wantLoad(t, next)
		b.close(t)
	}
}

// diskError has every operation on the disk that a Save makes fail, one at a
// time, and then every one from there on.
func (f Factory) diskError(t *testing.T) {
	for _, kind := range []struct {
		name    string
		err     error
		first   bool // and no other
		restart bool // before the Save
	}{
		{"once", syscall.EIO, true, false},
		{"full from then on", syscall.ENOSPC, false, false},
		{"once after a restart", syscall.EIO, true, true},
	} {
		t.Run(kind.name, func(t *testing.T) {
			// Until the error comes later than all that Save waits for.
			for at, saved := int64(1), 0; saved < 3; at += Stride {
				if at > 3000 {
					t.Fatal("Save never succeeds")
				}
				if f.failAt(t, kind.err, kind.restart, func(n int64) bool { return n == at || n > at && !kind.first }) {
					saved++
				}
			}
		})
	}
}

// diskErrorAtStart has every operation on the disk that a start makes fail, one at
// a time: the first one, and one that finds a snapshot. The next start finds what
// was there.
func (f Factory) diskErrorAtStart(t *testing.T) {
	old, _ := disturbed()
	for name, saved := range map[string]Records{"first": nil, "with a snapshot": old} {
		t.Run(name, func(t *testing.T) {
			for at, started := int64(1), 0; started < 3; at += Stride {
				if at > 1000 {
					t.Fatal("no start ever succeeds")
				}
				d := f.Disk(t)
				if saved != nil {
					b := openOn(t, d)
					b.save(t, saved)
					b.close(t)
				}
				var n atomic.Int64
				d.Inject(func() error {
					if n.Add(1) == at {
						return syscall.EIO
					}
					return nil
				})
				b := d.Backend()
				err := b.Open(t.Context())
				if err == nil {
					_, err = b.Load(t.Context(), &Sink{})
				}
				d.Inject(nil)
				if err == nil || errors.Is(err, snapshot.ErrNoSnapshot) {
					started++
				} else {
					names(t, b, err)
				}
				if err := b.Close(); err != nil {
					names(t, b, err)
				}
				left := d.Crash(100, rand.New(rand.NewPCG(15, 16)))
				after := openOn(t, left)
				if saved != nil {
					after.wantLoad(t, saved)
				}
				after.save(t, old)
				after.wantLoad(t, old)
				after.close(t)
			}
		})
	}
}

// failAt saves twice and makes those operations of the second Save fail that
// hit says. It reports whether that succeeded all the same.
func (f Factory) failAt(t *testing.T, cause error, restart bool, hit func(n int64) bool) bool {
	t.Helper()
	old, next := disturbed()
	d := f.Disk(t)
	b := openOn(t, d)
	b.save(t, old)
	if restart {
		b.close(t)
		b = openOn(t, d)
		b.wantLoad(t, old)
	}
	var n atomic.Int64
	d.Inject(func() error {
		if hit(n.Add(1)) {
			return cause
		}
		return nil
	})
	_, err := b.Save(t.Context(), next.Source())
	d.Inject(nil)
	if err == nil {
		b.wantLoad(t, next)
	} else {
		names(t, b, err)
		if !errors.Is(err, cause) && !strings.Contains(err.Error(), cause.Error()) {
			t.Errorf("Save's error %q hides the cause", err)
		}
		// It has the last snapshot still, or says why it can't be read now.
		var s Sink
		if _, loadErr := b.Load(t.Context(), &s); loadErr != nil {
			names(t, b, loadErr)
		} else if len(s.Records) == len(next) {
			Same(t, s.Records, next)
		} else {
			Same(t, s.Records, old)
		}
	}
	random := rand.New(rand.NewPCG(9, 10))
	for _, percent := range []uint{0, 100} {
		left := d.Crash(percent, random)
		if err == nil {
			after := openOn(t, left)
			after.wantLoad(t, next)
			after.close(t)
		} else {
			wantEither(t, left, old, next)
		}
	}
	last := Numbered(20, "last") // the disk is in order again
	b.save(t, last)
	b.wantLoad(t, last)
	b.close(t)
	return err == nil
}
