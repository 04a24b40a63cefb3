package store

import (
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/store/expiry"
)

func TestKeysThatExpireAtOnceAreSwept(t *testing.T) {
	st := newStore(t, Options{Shards: 64})
	const keys = 50_000
	for i := range keys {
		mustSet(t, st, numbered(st, i), []byte("value"), epoch+1000, epoch)
	}
	now := epoch
	for ; now <= epoch+1000; now += 100 {
		if n := st.Sweep(now, time.Hour); n != 0 {
			t.Fatalf("%d keys swept %d ms after the start", n, now-epoch)
		}
	}
	removed := 0
	for ; now <= epoch+1500; now += 100 {
		removed += st.Sweep(now, time.Hour)
	}
	n := st.Totals()
	if removed != keys || n.Keys != 0 || n.Expiring != 0 || n.Expired != keys {
		t.Fatalf("half a second after they expired: %d of %d keys removed, %+v", removed, keys, n)
	}
	checkStore(t, st, st.Key, 0)
}

func TestSweepKeepsToItsBudget(t *testing.T) {
	st := newStore(t, Options{Shards: 64})
	const keys = 20_000
	for i := range keys {
		mustSet(t, st, numbered(st, i), nil, epoch, epoch)
	}
	now, calls, removed := epoch+expiry.MaxWait, 0, 0
	for ; removed < keys && calls < 1000; calls++ {
		n := st.Sweep(now, -1)
		if n > 4*keys/st.Shards() {
			t.Fatalf("a sweep without a budget removed %d of %d keys", n, keys)
		}
		removed += n
	}
	if calls != st.Shards() {
		t.Fatalf("%d sweeps of one shard each removed %d of %d keys of %d shards", calls, removed, keys, st.Shards())
	}
}

func TestShardsWithNothingExpiredAreNotLookedAt(t *testing.T) {
	st := newStore(t, Options{Shards: 1})
	sh := &st.shards[0]
	look := func(now int64, want bool, why string) {
		t.Helper()
		if _, looked := sh.sweep(now, &pace{}); looked != want {
			t.Errorf("%d ms after the start: looked %v, want %v: %s", now-epoch, looked, want, why)
		}
	}
	for i := range 1000 {
		mustSet(t, st, numbered(st, i), nil, 0, epoch)
	}
	look(epoch+1e9, false, "no key expires")
	mustSet(t, st, numbered(st, 1), nil, epoch+10_000, epoch)
	mustSet(t, st, numbered(st, 2), nil, epoch+60_000, epoch)
	look(epoch+10_000, false, "the first key has not expired yet")
	look(epoch+10_000+expiry.MaxWait, true, "the first key has expired")
	look(epoch+60_000, false, "the second key has not expired yet")
	remove(st, numbered(st, 2), epoch)
	look(epoch+1e9, false, "no key expires any more")
	if n := st.Totals(); n.Keys != 998 || n.Expired != 1 {
		t.Errorf("%+v", n)
	}
}

// A store with long-lived keys and a stream of short-lived ones must not fill
// up with expired ones, whatever the ratio.
func TestExpiredKeysHoldLittleMemory(t *testing.T) {
	for _, mix := range []struct{ long, perTick, ttl int }{
		{5000, 5, 500},
		{5000, 100, 500},
		{5000, 500, 100},
		{5000, 25, 5000},
		{250, 125, 3000},
	} {
		st := newStore(t, Options{Shards: 4})
		for i := range mix.long {
			mustSet(t, st, numbered(st, i), nil, epoch+1e9, epoch)
		}
		next, worst := mix.long, 0.0
		for now := epoch; now < epoch+25_000; now += 100 {
			for range mix.perTick {
				mustSet(t, st, numbered(st, next), nil, now+int64(mix.ttl), now)
				next++
			}
			st.Sweep(now, time.Hour)
			if now < epoch+10_000 {
				continue
			}
			live := 0
			for i := range st.shards {
				st.shards[i].scan(0, 1<<30, now, func(*Shard, Entry) bool { live++; return true })
			}
			worst = max(worst, 1-float64(live)/float64(st.Totals().Keys))
		}
		t.Logf("%+v: at most %.1f %% expired", mix, worst*100)
		if worst > 0.1 {
			t.Errorf("%+v: %.1f %% of the keys had expired", mix, worst*100)
		}
	}
}

// Keys that have been there for long and expire together must not wait for as
// long as a stream of a few others makes the sweep wait.
func TestOldKeysThatExpireTogetherAreSwept(t *testing.T) {
	st := newStore(t, Options{Shards: 1})
	sh := &st.shards[0]
	const keys, end = 10_000, epoch + 63_400
	for i := range keys {
		mustSet(t, st, numbered(st, i), nil, end, epoch)
		mustSet(t, st, numbered(st, keys+i), nil, epoch+1e9, epoch)
	}
	looks := 0
	for now := epoch; now < end+500; now += 100 {
		mustSet(t, st, numbered(st, 2*keys+int(now-epoch)), nil, now+50, now)
		if _, looked := sh.sweep(now, &pace{}); looked && now < end {
			looks++
		}
	}
	if n := st.Totals().Keys; n > keys+100 {
		t.Errorf("half a second after %d keys expired, %d are left of %d that have not", keys, n, keys)
	}
	if looks > 15 {
		t.Errorf("%d passes over %d keys in a minute for %d that expired", looks, keys, 600)
	}
}

// A quiet store that fills up with short-lived keys at once must not wait for
// as long as it did when nothing happened.
func TestABurstAfterAQuietTimeIsSwept(t *testing.T) {
	st := newStore(t, Options{Shards: 1})
	for i := range 10_000 {
		mustSet(t, st, numbered(st, i), nil, epoch+1e9, epoch)
	}
	now := epoch
	for i := range 600 { // a minute with one short-lived key at a time
		mustSet(t, st, numbered(st, 20_000+i), nil, now+50, now)
		st.Sweep(now, time.Hour)
		now += 100
	}
	for i := range 10_000 {
		mustSet(t, st, numbered(st, 30_000+i), nil, now+1000, now)
	}
	for end := now + 2000; now < end; now += 100 {
		st.Sweep(now, time.Hour)
	}
	if n := st.Totals().Keys; n > 11_000 {
		t.Errorf("a second after 10,000 keys expired, %d are left of 10,000 that have not", n)
	}
}

// What is written while a pass lets go of the lock must not be forgotten.
func TestASweepNotesWhatIsWrittenMeanwhile(t *testing.T) {
	st := newStore(t, Options{Shards: 1})
	const keys = 40_000
	for i := range keys {
		mustSet(t, st, numbered(st, i), nil, epoch+1e9, epoch)
	}
	now := epoch
	for range 5 {
		now += expiry.MaxWait
		mustSet(t, st, numbered(st, keys), nil, now-expiry.MaxWait, now-expiry.MaxWait)
		done := make(chan bool)
		go func() {
			_, looked := st.shards[0].sweep(now, &pace{})
			done <- looked
		}()
		for i, sweeping := 0, true; sweeping; i++ {
			select {
			case looked := <-done:
				if sweeping = false; !looked {
					t.Fatal("no sweep was due")
				}
			default:
				k := numbered(st, keys+1+i%keys)
				mustSet(t, st, k, nil, now+1e6-int64(i), now)
				remove(st, numbered(st, keys+1+(i+keys/2)%keys), now)
			}
		}
		checkStore(t, st, st.Key, 0)
	}
}

func TestTheLastMillisecondOfALease(t *testing.T) {
	st := newStore(t, Options{Shards: 1})
	k := numbered(st, 1)
	for _, at := range []int64{1, epoch, 1<<63 - 1, -1, -1 << 63} {
		mustSet(t, st, k, nil, at, epoch)
		if _, got, ok := get(st, k, at); !ok || got != at {
			t.Errorf("at %d: there %v, expires at %d", at, ok, got)
		}
		if at < 1<<63-1 {
			if _, _, ok := get(st, k, at+1); ok {
				t.Errorf("still there after %d", at)
			}
		}
	}
}

// An expiry at the end of time must not call the sweep at every tick.
func TestAVeryLateExpiryDoesNotCallTheSweep(t *testing.T) {
	st := newStore(t, Options{Shards: 1})
	mustSet(t, st, numbered(st, 1), nil, epoch+10, epoch)
	mustSet(t, st, numbered(st, 2), nil, 1<<63-1, epoch)
	if at := st.shards[0].expiry.Next(); at < epoch+10 {
		t.Errorf("the sweep is called %d ms before anything can have expired", epoch+10-at)
	}
	st.Sweep(epoch+1000, time.Hour)
	if at := st.shards[0].expiry.Next(); at < epoch+1000 {
		t.Errorf("the next sweep is due at %d, before now", at)
	}
}
