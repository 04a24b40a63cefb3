package integration

import (
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/redistill-go/redistill/integration/churn"
	"github.com/redistill-go/redistill/integration/harness"
)

// bounded starts a server of which nobody counts but what it holds.
func bounded(t *testing.T, policy string, limit int64) *harness.Server {
	t.Helper()
	return unraced(t, harness.Options{Set: []string{"memory.eviction=" + policy, fmt.Sprintf("memory.max=%d", limit)}})
}

// unraced starts a server without the race detector, whose own memory nobody
// counts.
func unraced(t *testing.T, o harness.Options) *harness.Server {
	t.Helper()
	s, err := harness.StartRedistill(t.Context(), harness.PlainBinary(t), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Kill() }) // only its temporary directory could remain
	return s
}

// Whatever is written under whatever policy, what the process holds stays near
// memory.max, and what it may use is used. The bounds are a little wider than
// those that make bench-memory judges by: a loaded machine evicts late.
func TestMemoryMaxBoundsTheProcess(t *testing.T) {
	const limit = 64 << 20
	policies := append(evictionPolicies(t, dial(t, harness.Redistill(t, harness.Options{}))), "noeviction")
	for _, policy := range policies {
		s := bounded(t, policy, limit)
		streams := churn.Writers(2, policy)
		w, err := churn.StartWatch(t.Context(), s, limit, streams)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range churn.Phases[:3] {
			churn.Enter(streams, p, limit, policy == "noeviction")
			payload := int64(limit)
			if i == 0 {
				payload *= 3
			}
			c, err := churn.Write(t.Context(), s.TCP, streams, payload, 0)
			if err != nil {
				t.Fatal(err)
			}
			seen, err := w.Phase()
			if err != nil {
				t.Fatal(err)
			}
			if most := churn.Bound(limit) + limit/16; seen.RSS > most {
				t.Errorf("%s, %s: %d bytes resident, bound %d", policy, p.Name, seen.RSS, most)
			}
			evicts := policy != "noeviction"
			if evicts && (seen.Most > limit*107/100 || seen.Least > 0 && seen.Least < limit*90/100) {
				t.Errorf("%s, %s: %d to %d bytes used of %d", policy, p.Name, seen.Least, seen.Most, limit)
			}
			if evicts && c.Refused > 0 {
				t.Errorf("%s, %s: %d of %d writes were refused", policy, p.Name, c.Refused, c.Requests)
			}
		}
		w.Stop()
		if err := s.Kill(); err != nil {
			t.Fatal(err)
		}
	}
}

// A limit that is lowered holds soon, though nobody else writes, and clients are
// served meanwhile: their writes are not refused, and wait for no more than twenty
// times the tenth of a second that one may.
func TestALoweredLimitShrinksTheProcess(t *testing.T) {
	const limit = 64 << 20
	s := bounded(t, "allkeys-lru", 4*limit)
	if _, err := churn.Write(t.Context(), s.TCP, churn.Writers(2, "allkeys-lru"), 6*limit, 0); err != nil {
		t.Fatal(err)
	}
	c := dial(t, s)
	if used := info(t, c, "used_memory"); used < 3*limit {
		t.Fatalf("%d bytes used before", used)
	}
	good := dial(t, s)
	worst, lowered := time.Duration(0), make(chan struct{})
	var served sync.WaitGroup
	end := sync.OnceFunc(func() { close(lowered); served.Wait() })
	defer end()
	served.Go(func() {
		value := string(pattern(100))
		for {
			began := time.Now()
			if err := replies(good, "+OK\r\n", "SET", "good", value); err != nil {
				t.Error(err)
				return
			}
			worst = max(worst, time.Since(began))
			select {
			case <-lowered:
				return
			default:
			}
		}
	})
	want(t, c, "+OK\r\n", "CONFIG", "SET", "maxmemory", strconv.Itoa(limit))
	eventually(t, "less memory", func() error {
		if used, rss := info(t, c, "used_memory"), residentMemory(t, s); used > limit || rss > churn.Bound(limit) {
			return fmt.Errorf("%d MiB used, %d resident", used>>20, rss>>20)
		}
		return nil
	})
	if end(); worst > 2*time.Second {
		t.Errorf("a client waited for %s", worst)
	}
}
