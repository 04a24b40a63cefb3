package tracking

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/store"
)

// peer is a client that keeps what it is told.
type peer struct {
	mu         sync.Mutex
	proto      int
	subscribed bool
	got        []byte
}

func (p *peer) Protocol() int    { return p.proto }
func (p *peer) Subscribed() bool { return p.subscribed }
func (p *peer) Push(b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.got = append(p.got, b...)
}

// told is what the client was told since it was last asked, made readable.
func (p *peer) told() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := string(p.got)
	p.got = nil
	s = strings.ReplaceAll(s, ">2\r\n$10\r\ninvalidate\r\n", "push ")
	s = strings.ReplaceAll(s, "*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n", "message ")
	s = strings.ReplaceAll(s, ">2\r\n$21\r\ntracking-redir-broken\r\n", "broken ")
	return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", " "))
}

// fixture is a tracker of a store with clients.
type fixture struct {
	*Tracker
	t     *testing.T
	st    *store.Store
	peers map[int64]*peer
}

const now = 1_700_000_000_000

func newFixture(t *testing.T, proto ...int) *fixture {
	t.Helper()
	st, err := store.New(store.Options{Shards: 4, Reserve: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	f := &fixture{t: t, st: st, peers: map[int64]*peer{}}
	for i, p := range proto {
		f.peers[int64(i+1)] = &peer{proto: p}
	}
	f.Tracker = New(st, func(id int64) (Peer, bool) { p, ok := f.peers[id]; return p, ok })
	st.SetListener(f.Tracker)
	return f
}

func (f *fixture) enable(id int64, o Options) { f.Enable(id, f.peers[id], o) }

// with locks the key's shard for a client, 0 for none.
func (f *fixture) with(id int64, key string, do func(*store.Shard, store.Key)) {
	k := f.st.Key([]byte(key))
	sh := f.st.Lock(k)
	defer sh.Unlock()
	f.Enter(sh.Index(), id)
	do(sh, k)
}

func (f *fixture) read(id int64, key string) {
	f.with(id, key, func(sh *store.Shard, k store.Key) { f.Remember(sh.Index(), k.Bytes, id) })
}

func (f *fixture) write(id int64, key string) {
	f.with(id, key, func(sh *store.Shard, k store.Key) {
		if err := sh.Set(k, []byte("v"), 0, now); err != nil {
			f.t.Fatal(err)
		}
	})
}

func (f *fixture) want(id int64, told string) {
	f.t.Helper()
	if got := f.peers[id].told(); got != told {
		f.t.Errorf("client %d was told %q, want %q", id, got, told)
	}
}

func TestReadersAreToldOnce(t *testing.T) {
	f := newFixture(t, 3, 3, 3)
	f.enable(1, Options{})
	f.enable(2, Options{})
	f.read(1, "a")
	f.read(1, "a")
	f.read(2, "a")
	f.read(2, "b")
	if got := f.Totals(); got != (Totals{Clients: 2, Keys: 2, Items: 3}) {
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
		"evicted":  func() { f.st.SetPolicy(first{}); f.st.SetMaxMemory(1); f.st.Admit(now) },
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

func (first) Name() string                                       { return "first" }
func (first) Evicts() bool                                       { return true }
func (first) Samples() int                                       { return 1 }
func (first) ReadSampling() uint32                               { return 0 }
func (first) Insert(int64) store.Recency                         { return 0 }
func (first) Touch(r store.Recency, _ int64) store.Recency       { return r }
func (first) Rank(store.Candidate, int64) (rank uint64, ok bool) { return 1, true }

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
	f.st.Flush()()
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

func TestBroadcast(t *testing.T) {
	f := newFixture(t, 3, 3, 3)
	f.enable(1, Options{Broadcast: true})
	f.enable(2, Options{Broadcast: true, Prefixes: []string{"user:", "n"}, NoLoop: true})
	f.enable(2, Options{Broadcast: true, Prefixes: []string{"x"}, NoLoop: true})
	if o, _, _ := f.Status(2); !reflect.DeepEqual(o.Prefixes, []string{"n", "user:", "x"}) {
		t.Errorf("prefixes %q", o.Prefixes)
	}
	if got := f.Totals(); got != (Totals{Clients: 2, Prefixes: 4}) {
		t.Errorf("totals %+v", got)
	}
	f.read(2, "other")
	for _, key := range []string{"user:1", "user", "other", "x", "user:1"} {
		f.write(3, key)
	}
	f.write(2, "n")
	f.want(1, "push *1 $6 user:1 push *1 $4 user push *1 $5 other push *1 $1 x push *1 $6 user:1 push *1 $1 n")
	f.want(2, "push *1 $6 user:1 push *1 $1 x push *1 $6 user:1")
	f.Disable(1)
	f.write(3, "x")
	f.want(1, "")
	f.want(2, "push *1 $1 x")
}

func TestOverlap(t *testing.T) {
	for _, x := range []struct {
		have, added   []string
		prefix, other string
		existing      bool
	}{
		{nil, []string{"a", "b", "cd"}, "", "", false},
		{[]string{"a"}, []string{"b"}, "", "", false},
		{nil, []string{"ab", "c", "a"}, "ab", "a", false},
		{nil, []string{"a", "a"}, "a", "a", false},
		{[]string{"ab"}, []string{"a"}, "a", "ab", true},
		{[]string{"a"}, []string{"x", "ab"}, "ab", "a", true},
		{[]string{""}, []string{"x"}, "x", "", true},
	} {
		prefix, other, existing, found := Overlap(x.have, x.added)
		if prefix != x.prefix || other != x.other || existing != x.existing || found != (prefix+other != "") {
			t.Errorf("%q and %q: %q %q %v %v", x.have, x.added, prefix, other, existing, found)
		}
	}
}

// A key too many drives out another one, and its holder is told.
func TestTheTableIsBounded(t *testing.T) {
	f := newFixture(t, 3)
	f.enable(1, Options{})
	f.SetMaxKeys(100)
	const n = 1000
	for i := range n {
		f.read(1, fmt.Sprint("key:", i))
	}
	if got := f.Totals(); got.Keys > 100 || got.Keys != got.Items {
		t.Errorf("totals %+v", got)
	}
	told := strings.Count(f.peers[1].told(), "push")
	if int64(told) != n-f.Totals().Keys {
		t.Errorf("told of %d keys, %d are left", told, f.Totals().Keys)
	}
	f.SetMaxKeys(10)
	for i := range n {
		f.read(1, fmt.Sprint("other:", i))
	}
	if got := f.Totals().Keys; got > 10+4 || f.MaxKeys() != 10 {
		t.Errorf("%d keys after the limit was lowered", got)
	}
	f.SetMaxKeys(0)
	for i := range n {
		f.read(1, fmt.Sprint("more:", i))
	}
	if got := f.Totals().Keys; got < n {
		t.Errorf("%d keys without a limit", got)
	}
}

// When nobody tracks, nothing is kept and the store tells nobody.
func TestTheLastClientLeaves(t *testing.T) {
	f := newFixture(t, 3, 3)
	listened := func() (n int) {
		f.st.EachShard(func(sh *store.Shard) {
			if sh.Listened() {
				n++
			}
		})
		return n
	}
	for range 3 {
		f.enable(1, Options{})
		f.enable(2, Options{})
		f.enable(2, Options{NoLoop: true})
		if listened() != f.st.Shards() {
			t.Errorf("%d shards are listened to", listened())
		}
		f.read(1, "a")
		f.Disable(1)
		f.Disable(1)
		if listened() != f.st.Shards() {
			t.Errorf("%d shards are listened to while a client tracks", listened())
		}
		f.write(0, "a")
		f.want(1, "")
		f.read(2, "a")
		f.Disable(2)
		if listened() != 0 {
			t.Errorf("%d shards are listened to", listened())
		}
		// A client that comes back doesn't get what it had.
		f.enable(2, Options{})
		f.write(0, "a")
		f.want(2, "")
		f.read(2, "a")
		f.write(0, "a")
		f.want(2, "push *1 $1 a")
		f.Disable(2)
		if _, _, ok := f.Status(2); ok {
			t.Error("it still tracks")
		}
	}
	for end := time.Now().Add(30 * time.Second); f.Totals() != (Totals{}); {
		if time.Now().After(end) {
			t.Fatalf("totals %+v", f.Totals())
		}
	}
}

func TestNilTracker(t *testing.T) {
	var none *Tracker
	none.Disable(1)
	if _, _, ok := none.Status(1); ok || none.Totals() != (Totals{}) {
		t.Error("a nil tracker has clients")
	}
}

// A client that has read a value is told of whatever comes after it, whoever
// comes and goes meanwhile.
func TestNoChangeIsMissed(t *testing.T) {
	f := newFixture(t, 3, 3, 3)
	f.enable(1, Options{})
	f.SetMaxKeys(5)
	const keys = 10
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			f.Enable(3, f.peers[3], Options{Broadcast: i%2 == 0})
			f.Disable(3)
		}
	})
	wg.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				f.write(2, fmt.Sprint("k", i%keys))
			}
		}
	})
	for i := range 5000 {
		key := fmt.Sprint("k", i%keys)
		f.read(1, key)
		f.write(2, key)
		if told := f.peers[1].told(); !strings.Contains(told, key) {
			t.Errorf("read %d: was told %q of %s", i, told, key)
			break
		}
	}
	close(stop)
	wg.Wait()
}
