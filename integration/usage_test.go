package integration

import (
	"strings"
	"testing"

	"github.com/redistill-go/redistill/integration/harness"
)

// What RESTORE says of the use of a key is what OBJECT then tells, of strings
// and of hashes, under the policies that keep it; a key of which nothing is
// said is a new one, also where it replaces another.
func TestRestoredUsage(t *testing.T) {
	c := dial(t, serve(t, harness.Options{}))
	const (
		uses = "-ERR An LFU maxmemory policy is not selected, access frequency not tracked."
		idle = "-ERR An LFU maxmemory policy is selected, idle time not tracked."
	)
	want(t, c, "+OK\r\n", "SET", "string", "v")
	want(t, c, ":1\r\n", "HSET", "hash", "f", "v")
	for _, key := range []string{"string", "hash"} {
		reply, err := c.Do("DUMP", key)
		if err != nil {
			t.Fatal(err)
		}
		payload, err := bulkStrings(reply)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range []struct {
			policy, options string
			frequency       string // beginning of the reply
			since           int64  // seconds; -1: an error
		}{
			{"allkeys-lfu", "", ":5\r\n", -1},
			{"allkeys-lfu", "FREQ 200", ":200\r\n", -1},
			{"allkeys-lfu", "FREQ 0", ":0\r\n", -1},
			{"volatile-lfu", "FREQ 255", ":255\r\n", -1},
			{"allkeys-lfu", "IDLETIME 1000", ":5\r\n", -1},
			{"allkeys-lru", "", uses, 0},
			{"allkeys-lru", "FREQ 200", uses, 0},
			{"allkeys-lru", "IDLETIME 0", uses, 0},
			{"volatile-lru", "IDLETIME 1000", uses, 1000},
			{"volatile-lru", "IDLETIME 86400", uses, 86400},
			{"allkeys-lru", "", uses, 0},
		} {
			want(t, c, "+OK\r\n", "CONFIG", "SET", "maxmemory-policy", x.policy)
			want(t, c, "+OK\r\n", append([]string{"RESTORE", key, "0", payload[0], "REPLACE"}, strings.Fields(x.options)...)...)
			got, err := c.Do("OBJECT", "FREQ", key)
			if err != nil || !strings.HasPrefix(got, x.frequency) {
				t.Errorf("%s, RESTORE of a %s with %q: OBJECT FREQ: %q, %v; want %q", x.policy, key, x.options, got, err, x.frequency)
			}
			got, err = c.Do("OBJECT", "IDLETIME", key)
			n, notNumber := integerReply(got)
			if err != nil || x.since < 0 && !strings.HasPrefix(got, idle) ||
				x.since >= 0 && (notNumber != nil || n < x.since || n > x.since+60) {
				t.Errorf("%s, RESTORE of a %s with %q: OBJECT IDLETIME: %q, %v; want %d", x.policy, key, x.options, got, err, x.since)
			}
		}
	}
}
