package tracking

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/store"
)

func TestBroadcast(t *testing.T) {
	f := newFixture(t, 3, 3, 3)
	f.enable(1, Options{Broadcast: true})
	f.enable(2, Options{Broadcast: true, Prefixes: []string{"user:", "n"}, NoLoop: true})
	f.enable(2, Options{Broadcast: true, Prefixes: []string{"x"}, NoLoop: true})
	if o, _, _ := f.Status(2); !reflect.DeepEqual(o.Prefixes, []string{"n", "user:", "x"}) {
		t.Errorf("prefixes %q", o.Prefixes)
	}
	if got := f.Totals(); got.Clients != 2 || got.Prefixes != 4 {
		t.Errorf("totals %+v", got)
	}
	f.read(2, "other")
	for _, key := range []string{"user:1", "user", "other", "x", "user:1", "user:0"} {
		f.write(3, key)
	}
	f.want(1, "") // until the client's commands have run
	if !f.Due() {
		t.Error("nothing is due")
	}
	f.Flush(3)
	f.want(1, "push *5 $5 other $4 user $6 user:0 $6 user:1 $1 x")
	f.want(2, "push *2 $6 user:0 $6 user:1 push *1 $1 x")
	if f.Due() {
		t.Error("something is still due")
	}
	f.Flush(3)
	f.want(1, "")
	f.Disable(1)
	f.write(3, "x")
	f.write(3, "other")
	f.Flush(3)
	f.want(1, "")
	f.want(2, "push *1 $1 x")
}

// A client that does not want to know what it did is told of the rest, and of
// what others did to the same keys.
func TestBroadcastNoLoop(t *testing.T) {
	f := newFixture(t, 3, 3, 3)
	f.enable(1, Options{Broadcast: true, NoLoop: true})
	f.enable(2, Options{Broadcast: true})
	f.write(1, "a")
	f.write(2, "b")
	f.Flush(1)
	f.want(1, "")
	f.want(2, "push *1 $1 a")
	f.Flush(2)
	f.want(1, "push *1 $1 b")
	f.want(2, "push *1 $1 b")

	f.SetMaxKeys(0)
	f.expiring()
	f.with(1, "k", func(sh *store.Shard, k store.Key) { sh.Get(k, now+100) })
	f.Flush(1)
	if told := f.eventually(1); told != "push *1 $1 k" {
		t.Errorf("of what has expired it is told %q", told)
	}
}

// eventually is what a client is told that it must be told.
func (f *fixture) eventually(id int64) (told string) {
	f.t.Helper()
	for end := time.Now().Add(30 * time.Second); told == ""; runtime.Gosched() {
		if told = f.peers[id].told(); time.Now().After(end) {
			f.t.Fatal("it is never told")
		}
	}
	return told
}

// What nobody did is told though nobody calls Flush.
func TestBroadcastOfWhatHappens(t *testing.T) {
	f := newFixture(t, 3)
	const n = 5000
	f.enable(1, Options{Broadcast: true, Prefixes: []string{"expires:"}})
	want := map[string]bool{}
	for i := range n {
		key := fmt.Sprintf("expires:%04d", i)
		want[key] = true
		f.with(0, key, func(sh *store.Shard, k store.Key) {
			if err := sh.Set(k, nil, now+1, now); err != nil {
				t.Fatal(err)
			}
		})
	}
	f.Flush(0)
	f.peers[1].told()
	for range 2 {
		f.st.Sweep(now+100_000, time.Minute)
	}
	messages := 0
	for len(want) > 0 {
		for _, word := range strings.Fields(f.eventually(1)) {
			delete(want, word)
			if word == "push" {
				messages++
			}
		}
	}
	if messages > n/2 {
		t.Errorf("%d messages about %d keys", messages, n)
	}
}

// RESP2 clients are told through another one, with the same keys.
func TestBroadcastRedirected(t *testing.T) {
	f := newFixture(t, 2, 2, 3)
	f.peers[2].subscribed = true
	f.enable(1, Options{Broadcast: true, Redirect: 2})
	f.enable(3, Options{Broadcast: true})
	f.write(1, "b")
	f.write(1, "a")
	f.Flush(1)
	f.want(1, "")
	f.want(2, "message *2 $1 a $1 b")
	f.want(3, "push *2 $1 a $1 b")
}

// However much a client changes before it is done, what is pending is bounded.
func TestPendingIsBounded(t *testing.T) {
	f := newFixture(t, 3)
	f.enable(1, Options{Broadcast: true})
	key := strings.Repeat("k", 1<<20)
	for i := range 40 {
		f.KeyChanged(0, fmt.Append([]byte(key), i), store.Written)
	}
	f.with(7, "small", func(sh *store.Shard, _ store.Key) {
		for i := range 40 {
			f.KeyChanged(sh.Index(), fmt.Append([]byte(key), i), store.Written)
		}
	})
	f.pending.mu.Lock()
	defer f.pending.mu.Unlock()
	for id, c := range f.pending.by {
		if len(c.keys) > mostPending {
			t.Errorf("%d bytes of keys are pending for client %d", len(c.keys), id)
		}
	}
}

// Nobody is told twice or not at all, whoever comes, goes and writes meanwhile.
func TestBroadcastToManyAtOnce(t *testing.T) {
	f := newFixture(t, 3, 3, 3)
	f.enable(1, Options{Broadcast: true})
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			f.Enable(3, f.peers[3], Options{Broadcast: true, Prefixes: []string{"a", fmt.Sprint("b", i)}}, stays)
			f.Disable(3)
		}
	}()
	for i := range 3000 {
		key := fmt.Sprint("a", i)
		f.write(2, key)
		f.Flush(2)
		f.want(1, fmt.Sprintf("push *1 $%d %s", len(key), key))
	}
	close(stop)
	<-done
	if got := f.Totals(); got.Prefixes != 1 {
		t.Errorf("totals %+v", got)
	}
}

// A client that is gone does not register its prefixes to the end, and leaves
// none behind.
func TestEnableEnds(t *testing.T) {
	f := newFixture(t, 3)
	var list []string
	for i := range 20 * step {
		list = append(list, fmt.Sprintf("%06d", i))
	}
	asked := 0
	f.Enable(1, f.peers[1], Options{Broadcast: true, Prefixes: list}, func() bool { asked++; return asked > 3 })
	if got := f.Totals(); got.Prefixes != 3*step || asked != 4 {
		t.Errorf("totals %+v after it was asked %d times", got, asked)
	}
	f.Disable(1)
	if got := f.Totals(); got != (Totals{}) {
		t.Errorf("totals %+v when it has left", got)
	}
}

// BenchmarkBroadcast is what a change costs that one client is told of, alone
// and in a pipeline.
func BenchmarkBroadcast(b *testing.B) {
	for _, n := range []int{1, 30} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var tracker Tracker
			tracker.tables = make([]table, 1)
			tracker.clients = map[int64]*client{1: {id: 1, peer: sink{}}}
			tracker.prefixes.add("", 1)
			tracker.Enter(0, 2)
			keys := make([][]byte, n)
			for i := range keys {
				keys[i] = fmt.Append(nil, "key:", i*7919%n)
			}
			for i := 0; b.Loop(); i++ {
				tracker.KeyChanged(0, keys[i%n], store.Written)
				if i%n == n-1 {
					tracker.Flush(2)
				}
			}
		})
	}
}

// sink is a client that takes everything.
type sink struct{}

func (sink) Protocol() int    { return 3 }
func (sink) Subscribed() bool { return false }
func (sink) Push([]byte)      {}
