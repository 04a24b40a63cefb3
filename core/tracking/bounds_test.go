package tracking

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/store"
)

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

// So it is in bytes, whether many keys are read or many clients read one.
func TestTheTableIsBoundedInBytes(t *testing.T) {
	f := newFixture(t, 3, 3, 3)
	for id := range int64(3) {
		f.enable(id+1, Options{})
	}
	const limit = 20_000
	f.SetMaxBytes(limit)
	const n = 1000
	long := strings.Repeat("k", 100)
	for i := range n {
		for id := range int64(3) {
			f.read(id+1, fmt.Sprint(long, i))
		}
		// What was added last may still be too much.
		if got := f.Totals().Bytes; got > limit+300 {
			t.Fatalf("%d bytes after %d keys, limit %d", got, i, limit)
		}
	}
	if got := f.Totals(); got.Keys < 50 || f.MaxBytes() != limit {
		t.Errorf("totals %+v", got)
	}
	f.SetMaxBytes(0)
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
			f.Enable(3, f.peers[3], Options{Broadcast: i%2 == 0}, stays)
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
