package tracking

import (
	"strings"
	"sync"
	"testing"

	"github.com/redistill-go/redistill/core/buffer/buffertest"
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
	f.Tracker = New(st, buffertest.New(t), func(id int64) (Peer, bool) { p, ok := f.peers[id]; return p, ok })
	st.SetListener(f.Tracker)
	return f
}

func (f *fixture) enable(id int64, o Options) { f.Enable(id, f.peers[id], o, stays) }

func stays() bool { return false }

// with locks the key's shard for a client, 0 for none.
func (f *fixture) with(id int64, key string, do func(*store.Shard, store.Key)) {
	k := f.st.Key([]byte(key))
	sh := f.st.Lock(k)
	defer sh.Unlock()
	f.Enter(sh.Index(), id)
	do(sh, k)
}

func (f *fixture) read(id int64, key string) {
	f.with(id, key, func(sh *store.Shard, k store.Key) { f.Remember(sh.Index(), k, id) })
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
