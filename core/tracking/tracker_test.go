package tracking

import (
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/store"
)

func TestReadersAreToldOnce(t *testing.T) {
	f := newFixture(t, 3, 3, 3)
	f.enable(1, Options{})
	f.enable(2, Options{})
	f.read(1, "a")
	f.read(1, "a")
	f.read(2, "a")
	f.read(2, "b")
	if got := f.Totals(); got != (Totals{Clients: 2, Keys: 2, Items: 3, Bytes: 2*(keySize+1) + blockSize}) {
		t.Errorf("totals %+v", got)
	}
	f.write(3, "a")
	f.write(3, "a")
	f.write(3, "none")
	f.want(1, "push *1 $1 a")
	f.want(2, "push *1 $1 a")
	f.want(3, "")
	f.write(1, "b")
	f.want(2, "push *1 $1 b")
	if got := f.Totals(); got != (Totals{Clients: 2}) {
		t.Errorf("totals %+v", got)
	}
}

func TestEveryKindOfChange(t *testing.T) {
	f := newFixture(t, 3)
	f.enable(1, Options{NoLoop: true})
	for name, change := range map[string]func(){
		"expiry is set": func() {
			f.with(2, "k", func(sh *store.Shard, k store.Key) {
				e, _ := sh.Peek(k, now)
				if err := sh.SetExpiry(k, e, now+1); err != nil {
					t.Fatal(err)
				}
			})
		},
		"delete": func() { f.with(2, "k", func(sh *store.Shard, k store.Key) { sh.Delete(k, now) }) },
		"sweep":  func() { f.expiring(); f.read(1, "k"); f.st.Sweep(now+100_000, time.Second) },
		"noticed": func() {
			f.expiring()
			f.read(1, "k")
			f.with(1, "k", func(sh *store.Shard, k store.Key) { sh.Get(k, now+100) })
		},
		"evicted":  func() { f.st.SetPolicy(first{}); f.st.SetMaxMemory(1); f.st.Admit(now, 0) },
		"replaced": func() { f.write(2, "k") },
	} {
		f.st.SetPolicy(nil)
		f.st.SetMaxMemory(0)
		f.write(0, "k")
		f.peers[1].told()
		f.read(1, "k")
		change()
		if got := f.peers[1].told(); got != "push *1 $1 k" {
			t.Errorf("%s: was told %q", name, got)
		}
	}
}

func (f *fixture) expiring() {
	f.with(1, "k", func(sh *store.Shard, k store.Key) {
		if err := sh.Set(k, nil, now+1, now); err != nil {
			f.t.Fatal(err)
		}
	})
	f.peers[1].told()
}

// first is a policy that evicts whatever it is shown.
type first struct{}

func (first) Name() string                                          { return "first" }
func (first) Evicts() bool                                          { return true }
func (first) Samples() int                                          { return 1 }
func (first) ReadSampling() uint32                                  { return 0 }
func (first) Insert(int64) eviction.Recency                         { return 0 }
func (first) Touch(r eviction.Recency, _ int64) eviction.Recency    { return r }
func (first) Rank(eviction.Candidate, int64) (rank uint64, ok bool) { return 1, true }

func TestNoLoop(t *testing.T) {
	f := newFixture(t, 3, 3)
	f.enable(1, Options{NoLoop: true})
	f.enable(2, Options{})
	f.read(1, "a")
	f.read(2, "a")
	f.write(1, "a")
	f.want(1, "")
	f.want(2, "push *1 $1 a")
	f.read(2, "b")
	f.write(2, "b")
	f.want(2, "push *1 $1 b")
}

func TestFlush(t *testing.T) {
	f := newFixture(t, 3, 3, 3, 2)
	f.peers[4].subscribed = true
	f.enable(1, Options{NoLoop: true})
	f.enable(2, Options{Redirect: 4})
	f.read(1, "a")
	f.st.Whole().Flush()()
	f.want(1, "push _")
	f.want(2, "")
	f.want(3, "")
	f.want(4, "message $-1")
	f.write(3, "a")
	f.want(1, "")
}

func TestRedirect(t *testing.T) {
	f := newFixture(t, 3, 2, 3)
	f.enable(1, Options{Redirect: 2})
	change := func() { f.read(1, "a"); f.write(3, "a") }
	change()
	f.want(1, "")
	f.want(2, "") // RESP2 and not subscribed
	f.peers[2].subscribed = true
	change()
	f.want(2, "message *1 $1 a")
	f.peers[2].proto = 3
	change()
	f.want(2, "push *1 $1 a")
	delete(f.peers, 2)
	if _, broken, ok := f.Status(1); broken || !ok {
		t.Errorf("before it is noticed: broken %v, tracks %v", broken, ok)
	}
	change()
	f.want(1, "broken :2")
	if o, broken, ok := f.Status(1); !broken || !ok || o.Redirect != 2 {
		t.Errorf("after it is noticed: %+v, broken %v, tracks %v", o, broken, ok)
	}
	f.peers[1].proto = 2
	change()
	f.want(1, "")
}
