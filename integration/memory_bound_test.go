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
func bounded(t *testing.T, policy string, limit int64, set ...string) *harness.Server {
	t.Helper()
	return unraced(t, harness.Options{Set: append(set, "memory.eviction="+policy, fmt.Sprintf("memory.max=%d", limit))})
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

// What writers may do to used memory, in bytes, however slow the machine is: each
// may have added a value that it made no room for, since the time for that was
// over, and another one before it has made up for that.
const (
	boundWriters = 2
	longestEntry = 72 << 10 // 64 KiB and an eighth, which is the most that a block is rounded up
	unmade       = 2 * boundWriters * longestEntry
)

// leastUsed is how far eviction goes down at most, in bytes: a twenty-fifth below
// the limit, and further by one step of compaction, which evicts as well, for
// each writer and for the background. A step ends at 128 KiB of moved or evicted
// entries and goes beyond that by one.
func leastUsed(limit int64) int64 {
	return limit - limit/25 - (boundWriters+1)*(128<<10+longestEntry) - unmade
}

// Whatever is written under whatever policy, what the process holds stays within
// memory.max, a tenth, 16 MiB and what clients may take; and what it may use is
// used, no more and not much less.
func TestMemoryMaxBoundsTheProcess(t *testing.T) {
	const limit, clients = 32 << 20, 4 << 20
	policies := append(evictionPolicies(t, dial(t, harness.Redistill(t, harness.Options{}))), "noeviction")
	for _, policy := range policies {
		s := bounded(t, policy, limit, fmt.Sprintf("server.client_memory=%d", clients))
		streams := churn.Writers(boundWriters, policy)
		w, err := churn.StartWatch(t.Context(), s, limit, streams)
		if err != nil {
			t.Fatal(err)
		}
		// Half as much of small values: they take half of memory beside that.
		payloads := []int64{2 * limit, limit / 2, limit}
		for i, p := range churn.Phases[:len(payloads)] {
			churn.Enter(streams, p, limit, policy == "noeviction")
			c, err := churn.Write(t.Context(), s.TCP, streams, payloads[i], 0)
			if err != nil {
				t.Fatal(err)
			}
			seen, err := w.Phase()
			if err != nil {
				t.Fatal(err)
			}
			if most := churn.Bound(limit) + clients; seen.RSS > most {
				t.Errorf("%s, %s: %d bytes resident, bound %d", policy, p.Name, seen.RSS, most)
			}
			evicts := policy != "noeviction"
			process := seen.Process.Most - seen.Process.Least
			least, most := leastUsed(limit)-process, limit+unmade+process
			t.Logf("%s, %s: %d KiB resident of %d, %d to %d used of %d to %d", policy, p.Name,
				seen.RSS>>10, (churn.Bound(limit)+clients)>>10, seen.Least>>10, seen.Most>>10, least>>10, most>>10)
			if evicts && (seen.Most > most || seen.Least > 0 && seen.Least < least) {
				t.Errorf("%s, %s: %d to %d bytes used, want %d to %d", policy, p.Name, seen.Least, seen.Most, least, most)
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
	const limit = 32 << 20
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
