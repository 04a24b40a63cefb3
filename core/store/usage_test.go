package store

import (
	"testing"

	"github.com/redistill-go/redistill/core/eviction"
)

func TestMeanTTL(t *testing.T) {
	st := newStore(t, Options{Shards: 64})
	if got := st.Whole().MeanTTL(epoch); got != 0 {
		t.Errorf("%d in an empty store", got)
	}
	for i := range 1000 {
		mustSet(t, st, numbered(st, i), []byte("v"), 0, epoch)
	}
	if got := st.Whole().MeanTTL(epoch); got != 0 {
		t.Errorf("%d in a store without expiries", got)
	}
	// All have the same time left, so that any sample's mean is that of all.
	for i := range 300 {
		mustSet(t, st, numbered(st, i), []byte("v"), epoch+5000, epoch)
	}
	if got := st.Whole().MeanTTL(epoch + 1000); got != 4000 {
		t.Errorf("%d, want 4000", got)
	}
	var all LockSet
	st.LockAll(&all)
	if got := all.Whole().MeanTTL(epoch + 6000); got != 0 {
		t.Errorf("%d for keys that have expired, want 0", got)
	}
	all.Unlock()
}

func TestIdleAndFrequencyWithoutATracker(t *testing.T) {
	st := newStore(t, Options{Shards: 1})
	k := numbered(st, 1)
	mustSet(t, st, k, []byte("v"), 0, epoch)
	for _, p := range []eviction.Policy{nil, &clockPolicy{samples: 1}} {
		st.SetPolicy(p)
		sh := st.Lock(k)
		e, ok := sh.Peek(k, epoch)
		_, idle := sh.Idle(e, epoch)
		_, frequency := sh.Frequency(e, epoch)
		sh.Unlock()
		if !ok || idle || frequency {
			t.Errorf("%T: found %v, idle time known %v, frequency known %v", p, ok, idle, frequency)
		}
	}
}
