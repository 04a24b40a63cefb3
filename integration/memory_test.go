package integration

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/integration/harness"
	"github.com/redistill-go/redistill/integration/hostile"
)

const oom = "-OOM command not allowed when used memory > 'maxmemory'.\r\n"

// info returns a figure of INFO.
func info(t *testing.T, c *harness.Conn, name string) int64 {
	t.Helper()
	text, err := c.Do("INFO", "everything")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(text, "\n"+name+":")
	value, _, _ := strings.Cut(rest, "\r")
	n, err := strconv.ParseInt(value, 10, 64)
	if !ok || err != nil {
		t.Fatalf("INFO has no figure %s: %v", name, err)
	}
	return n
}

// fillUp sets keys of n bytes until the server refuses one, and returns how
// many it took.
func fillUp(t *testing.T, c *harness.Conn, prefix string, n int) (taken int) {
	t.Helper()
	value := string(pattern(n))
	for ; ; taken++ {
		switch reply, err := c.Do("SET", prefix+strconv.Itoa(taken), value); {
		case err != nil:
			t.Fatal(err)
		case reply == oom:
			return taken
		case reply != "+OK\r\n":
			t.Fatalf("SET: %q", reply)
		}
	}
}

// When nothing may be evicted, what takes memory is refused and all else goes
// on; and what is deleted makes room again.
func TestFullMemoryRefusesWritesOnly(t *testing.T) {
	s := harness.Redistill(t, harness.Options{Set: []string{"memory.max=128mb", "memory.eviction=noeviction"}})
	c := dial(t, s)
	value := string(pattern(40_000))
	taken := fillUp(t, c, "k:", len(value))
	fillUp(t, c, "small:", 1) // a write is refused by what it adds
	for _, refused := range [][]string{
		{"SET", "new", "v"}, {"APPEND", "k:0", "v"}, {"HSET", "h", "f", "v"}, {"INCR", "n"}, {"MSET", "new", "v"}, {"SETRANGE", "k:0", "5", "v"},
	} {
		want(t, c, oom, refused...)
	}
	want(t, c, "+OK\r\n", "MULTI")
	want(t, c, oom, "SET", "new", "v")
	want(t, c, "-EXECABORT Transaction discarded because of previous errors.\r\n", "EXEC")
	want(t, c, bulk(value), "GET", "k:0")
	want(t, c, ":1\r\n", "EXPIRE", "k:0", "1000")
	want(t, c, ":1\r\n", "PERSIST", "k:0")
	want(t, c, ":0\r\n", "EXISTS", "new", "h", "n")
	for i := range taken / 2 {
		want(t, c, ":1\r\n", "DEL", "k:"+strconv.Itoa(i))
	}
	eventually(t, "room for new keys", func() error { return replies(c, "+OK\r\n", "SET", "new", value) })
	want(t, c, ":1\r\n", "HSET", "h", "f", "v")
	if again := fillUp(t, c, "again:", len(value)); again < taken/5 {
		t.Errorf("after half of %d keys were deleted, there was room for %d", taken, again)
	}
}

// replies says what is wrong with a reply.
func replies(c *harness.Conn, want string, args ...string) error {
	switch reply, err := c.Do(args...); {
	case err != nil:
		return err
	case reply != want:
		return fmt.Errorf("%s replies %q", args[0], reply)
	}
	return nil
}

// CONFIG SET maxmemory-policy takes effect at once and both ways.
func TestThePolicyChangesAtRunTime(t *testing.T) {
	s := harness.Redistill(t, harness.Options{Set: []string{"memory.max=128mb", "memory.eviction=noeviction"}})
	c := dial(t, s)
	value := string(pattern(40_000))
	for i, policy := range evictionPolicies(t, c) {
		want(t, c, "+OK\r\n", "CONFIG", "SET", "maxmemory-policy", "noeviction")
		want(t, c, "+OK\r\n", "FLUSHALL", "SYNC")
		fillUp(t, c, "k:", len(value))
		want(t, c, "+OK\r\n", "CONFIG", "SET", "maxmemory-policy", policy)
		before := info(t, c, "evicted_keys")
		set := []string{"SET", "", value}
		if strings.HasPrefix(policy, "volatile-") {
			// Nothing expires, so nothing goes, until something does.
			fillUp(t, c, "more:", len(value))
			for n := range 1000 {
				want(t, c, ":1\r\n", "EXPIRE", "k:"+strconv.Itoa(n), "10000")
			}
			set = append(set, "EX", "10000")
		}
		for n := range 500 {
			set[1] = fmt.Sprintf("k:%d:%d", i, n)
			eventually(t, policy+" makes room", func() error { return replies(c, "+OK\r\n", set...) })
		}
		if info(t, c, "evicted_keys") == before {
			t.Errorf("%s evicts nothing", policy)
		}
	}
}

// evictionPolicies are those of the server that evict.
func evictionPolicies(t *testing.T, c *harness.Conn) []string {
	t.Helper()
	reply, err := c.Do("CONFIG", "SET", "maxmemory-policy", "none of them")
	if err != nil {
		t.Fatal(err)
	}
	_, list, ok := strings.Cut(strings.TrimSpace(reply), "one of the following: ")
	if !ok {
		t.Fatalf("CONFIG SET: %q", reply)
	}
	var evict []string
	for name := range strings.SplitSeq(list, ", ") {
		if name != "noeviction" {
			evict = append(evict, name)
		}
	}
	return evict
}

// What FLUSHALL frees goes back to the system, though nobody asks for anything.
func TestFlushedMemoryIsReturned(t *testing.T) {
	for _, mode := range []string{"SYNC", "ASYNC"} {
		s := unraced(t, harness.Options{})
		c := dial(t, s)
		value := string(pattern(100_000))
		want(t, c, "+OK\r\n", "SET", "k", value)
		empty := residentMemory(t, s)
		const n = 1000
		for i := range n {
			want(t, c, "+OK\r\n", "SET", "k:"+strconv.Itoa(i), value)
		}
		if full := residentMemory(t, s); full < n*100_000 {
			t.Fatalf("%d MiB with %d MB of values", full>>20, n/10)
		}
		want(t, c, "+OK\r\n", "FLUSHALL", mode)
		eventually(t, "memory is returned after FLUSHALL "+mode, func() error {
			if rss, most := residentMemory(t, s), hostile.Level(empty, 0); rss > most {
				return fmt.Errorf("%d KiB resident, want %d at most", rss>>10, most>>10)
			}
			return nil
		})
	}
}
