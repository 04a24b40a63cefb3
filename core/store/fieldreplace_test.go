package store

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
)

// replaceWith replaces the key by a hash of n fields, some of them long.
func replaceWith(st *Store, k Key, n int, expireAt int64) error {
	sh := st.Lock(k)
	defer sh.Unlock()
	f, err := sh.Replace(k, expireAt, epoch)
	if err != nil {
		return err
	}
	for i := range n {
		if _, err := f.Set(fmt.Appendf(nil, "field:%d", i), bytes.Repeat([]byte{'v'}, i%5*300), epoch+int64(i%2)*1000); err != nil {
			f.Undo()
			return err
		}
	}
	f.Done()
	return nil
}

// draftWith is replaceWith by a hash that is built apart.
func draftWith(st *Store, k Key, n int, expireAt int64) error {
	d, err := st.Draft(k, expireAt, epoch)
	if err != nil {
		return err
	}
	for i := range n {
		if err := d.Set(fmt.Appendf(nil, "field:%d", i), bytes.Repeat([]byte{'v'}, i%5*300), epoch+int64(i%2)*1000); err != nil {
			d.Free()
			return err
		}
	}
	sh := st.Lock(k)
	defer sh.Unlock()
	if err := sh.Attach(k, d, epoch); err != nil {
		d.Free()
		return err
	}
	return nil
}

// Whatever a key holds and however much memory there is, a hash takes its
// place as a whole or not at all.
func TestReplaceIsAllOrNothing(t *testing.T) {
	for way, replace := range map[string]func(*Store, Key, int, int64) error{"at once": replaceWith, "built apart": draftWith} {
		t.Run(way, func(t *testing.T) { testReplace(t, replace) })
	}
}

func testReplace(t *testing.T, replace func(*Store, Key, int, int64) error) {
	olds := map[string]func(*testing.T, *Store, Key){
		"nothing":         func(*testing.T, *Store, Key) {},
		"a string":        func(t *testing.T, st *Store, k Key) { mustSet(t, st, k, []byte("old"), 0, epoch) },
		"a lease":         func(t *testing.T, st *Store, k Key) { mustSet(t, st, k, []byte("old"), epoch+50, epoch) },
		"a large string":  func(t *testing.T, st *Store, k Key) { mustSet(t, st, k, make([]byte, PinMin*2), 0, epoch) },
		"a small hash":    func(t *testing.T, st *Store, k Key) { mustReplace(t, st, k, 5, 0) },
		"an expired hash": func(t *testing.T, st *Store, k Key) { mustReplace(t, st, k, 5, epoch-1) },
		"a large hash":    func(t *testing.T, st *Store, k Key) { mustReplace(t, st, k, 700, epoch+70) },
	}
	for name, old := range olds {
		failed, done := 0, 0
		for _, fields := range []int{0, 5, 200} {
			for room := 0; room < 14; room += 2 {
				st := newStore(t, Options{Shards: 1, Reserve: 8 << 20})
				k := numbered(st, 1)
				mustSet(t, st, numbered(st, 2), []byte("other"), epoch+60, epoch)
				old(t, st, k)
				full := filler{st: st}
				full.fill()
				random := rand.New(rand.NewPCG(uint64(room), 1))
				for range min(1<<room-1, len(full.blocks)) {
					full.release(random.IntN(len(full.blocks)))
				}
				before, was := st.Totals(), shown(st, k)
				err := replace(st, k, fields, epoch+99)
				st.releases.Wait()
				checkStore(t, st, st.Key, full.bytes)
				now, after := shown(st, k), st.Totals()
				switch {
				case errors.Is(err, ErrNoMemory):
					failed++
					if before.Expired = after.Expired; name == "an expired hash" {
						before.Keys, before.Expiring = after.Keys, after.Expiring
						before.Changes, was = after.Changes, "nothing"
					}
					if now != was || after.Keys != before.Keys || after.Expiring != before.Expiring {
						t.Errorf("%s, %d fields: %v; the key holds %s, before %s; %+v, before %+v", name, fields, err, now, was, after, before)
					}
				case err != nil:
					t.Fatal(err)
				default:
					done++
					want := "nothing"
					if fields > 0 {
						want = fmt.Sprintf("hash of %d until %d", fields, epoch+99)
					}
					if now != want {
						t.Errorf("%s: the key holds %s, want %s", name, now, want)
					}
				}
			}
		}
		if failed == 0 || done == 0 {
			t.Errorf("%s: %d failed and %d succeeded", name, failed, done)
		}
	}
}

func mustReplace(t *testing.T, st *Store, k Key, n int, expireAt int64) {
	t.Helper()
	if err := replaceWith(st, k, n, expireAt); err != nil {
		t.Fatal(err)
	}
}

// shown tells what a key holds.
func shown(st *Store, k Key) string {
	sh := st.Lock(k)
	defer sh.Unlock()
	e, ok := sh.Peek(k, epoch)
	switch {
	case !ok:
		return "nothing"
	case e.Type() == Hash:
		f := sh.FieldsOf(e, epoch)
		return fmt.Sprintf("hash of %d until %d", f.Len(), e.ExpireAt())
	}
	return fmt.Sprintf("%q until %d", e.Value()[:3], e.ExpireAt())
}
