package watch

import (
	"fmt"
	"testing"

	"github.com/redistill-go/redistill/core/buffer/buffertest"
	"github.com/redistill-go/redistill/core/store"
)

const now = 1_700_000_000_000

type fixture struct {
	*testing.T
	st  *store.Store
	hub *Hub
}

func newFixture(t *testing.T) *fixture {
	st, err := store.New(store.Options{Shards: 4, Reserve: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return &fixture{t, st, New(st, buffertest.New(t))}
}

func (f *fixture) key(name string) store.Key { return f.st.Key([]byte(name)) }

// with calls do with the key's shard locked.
func (f *fixture) with(name string, do func(*store.Shard, store.Key) error) {
	f.Helper()
	k := f.key(name)
	sh := f.st.Lock(k)
	defer sh.Unlock()
	if err := do(sh, k); err != nil {
		f.Fatal(err)
	}
}

func (f *fixture) set(name string, expireAt int64) {
	f.Helper()
	f.with(name, func(sh *store.Shard, k store.Key) error { return sh.Set(k, []byte("v"), expireAt, now) })
}

func (f *fixture) watch(w *Watcher, at int64, names ...string) {
	f.Helper()
	for _, name := range names {
		f.with(name, func(sh *store.Shard, k store.Key) error { w.Watch(f.hub, sh, k, at); return nil })
	}
}

// check is Check with the locks that it needs.
func (f *fixture) check(w *Watcher, at int64) bool {
	var locks store.LockSet
	f.st.LockKeys(&locks, w.Keys(nil))
	defer locks.Unlock()
	return w.Check(f.st, at)
}

func (f *fixture) forget(w *Watcher) {
	f.Helper()
	w.Forget(f.hub, f.st)
	if w.Len() != 0 || w.Touched() {
		f.Errorf("after Forget: %d keys, touched %v", w.Len(), w.Touched())
	}
}

// nothing fails unless the hub has no key left.
func (f *fixture) nothing() {
	f.Helper()
	for i := range f.hub.tables {
		if n := f.hub.tables[i].used; n > 0 {
			f.Errorf("shard %d still has %d keys", i, n)
		}
	}
	if n := f.hub.pool.Held(); n > 0 {
		f.Errorf("%d bytes are still held", n)
	}
}

func TestEveryWatcherOfAKeyIsTouched(t *testing.T) {
	for name, change := range map[string]func(f *fixture){
		"write": func(f *fixture) { f.set("k", 0) },
		"delete": func(f *fixture) {
			f.with("k", func(sh *store.Shard, k store.Key) error { sh.Delete(k, now); return nil })
		},
		"expiry": func(f *fixture) {
			f.with("k", func(sh *store.Shard, k store.Key) error { sh.Peek(k, now+1001); return nil })
		},
		"flush": func(f *fixture) { f.st.Whole().Flush()() },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.set("k", now+1000)
			f.set("l", 0)
			var a, b, other, none Watcher
			f.watch(&a, now, "k")
			f.watch(&b, now, "l", "k", "k")
			f.watch(&other, now, "l")
			f.watch(&none, now, "none")
			if b.Len() != 2 {
				t.Errorf("%d keys are watched, want 2", b.Len())
			}
			change(f)
			if !a.Touched() || !b.Touched() || other.Touched() != (name == "flush") || none.Touched() {
				t.Errorf("touched: %v, %v, other key %v, no key %v", a.Touched(), b.Touched(), other.Touched(), none.Touched())
			}
			for _, w := range []*Watcher{&a, &b, &other, &none} {
				f.forget(w)
			}
			f.nothing()
			f.set("k", 0)
			if a.Touched() {
				t.Error("touched after Forget")
			}
		})
	}
}

func TestExpiry(t *testing.T) {
	f := newFixture(t)
	f.set("k", now+1000)
	var before, after Watcher
	f.watch(&before, now, "k")
	if f.check(&before, now+1000) {
		t.Error("touched before it has expired")
	}
	if !f.check(&before, now+1001) {
		t.Error("not touched by expiring")
	}
	// A key that has expired when it is watched is one that is not there.
	f.set("k", now+1000)
	f.watch(&after, now+1001, "k")
	if f.check(&after, now+2000) {
		t.Error("touched by having expired before")
	}
	f.set("k", 0)
	if !f.check(&after, now+2000) {
		t.Error("not touched by a write")
	}
	f.forget(&before)
	f.forget(&after)
	f.nothing()
}

func TestReleaseWithLocksHeld(t *testing.T) {
	f := newFixture(t)
	var w Watcher
	var names []string
	for i := range 100 {
		names = append(names, fmt.Sprint("k", i))
	}
	f.watch(&w, now, names...)
	f.set("k7", 0)
	var locks store.LockSet
	f.st.LockKeys(&locks, w.Keys(nil))
	w.Release(f.hub, f.st)
	locks.Unlock()
	if w.Len() != 0 || w.Touched() {
		t.Errorf("after Release: %d keys, touched %v", w.Len(), w.Touched())
	}
	f.nothing()
}

// heard is a listener that keeps what it hears.
type heard struct{ events []string }

func (h *heard) KeyChanged(_ int, key []byte, what store.Change) {
	h.events = append(h.events, fmt.Sprintf("%s %d", key, what))
}
func (h *heard) AllFlushed() { h.events = append(h.events, "flushed") }

func TestAlso(t *testing.T) {
	f := newFixture(t)
	var h heard
	f.hub.Also(&h)
	f.set("unheard", 0)
	f.st.ListenAll(1)
	f.set("k", 0)
	f.with("k", func(sh *store.Shard, k store.Key) error { sh.Delete(k, now); return nil })
	f.st.Whole().Flush()()
	f.st.ListenAll(-1)
	f.set("k", 0)
	if got, want := fmt.Sprint(h.events), fmt.Sprintf("[k %d k %d flushed]", store.Written, store.Deleted); got != want {
		t.Errorf("heard %s, want %s", got, want)
	}
}
