//go:build race || holds

package allcommands_test

import (
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/command/commandtest"
)

// stepsOfBound is how many times as long as the slowest of a few steps, of about the
// size that all commands work in, a command may hold a shard on this machine and in
// this build, unless that is less than a millisecond.
const stepsOfBound = 4

// numbered are the arguments that each makes of each number below count.
func numbered(count int, each func(i int) []string) (all []string) {
	for i := range count {
		all = append(all, each(i)...)
	}
	return all
}

// No command keeps others from a part of the keys for long, whatever it works on; only
// MSET and EXEC do so for longer the more keys and commands they have. With -tags holds
// and without the race detector the figures are those of the server.
func TestNoCommandHoldsAShardForLong(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	s := newServer(t)
	meter := s.Env.Store.MeterHolds()
	long := strings.Repeat("v", 10_000)
	field := func(i int) string { return "field:" + strconv.Itoa(i) }
	fields := func(n int, more ...string) []string {
		return numbered(n, func(i int) []string { return append([]string{field(i)}, more...) })
	}
	key := func(i int) string { return "key:" + strconv.Itoa(i) }
	const many = 10_000
	count := strconv.Itoa(many)
	text := func(key string) []string { return []string{"SETRANGE", key, "16777215", "l"} }
	hash := func(key string) []string {
		return append([]string{"HSET", key}, fields(many, strings.Repeat("x", 300))...)
	}
	huge := strings.Repeat("v", 20<<20)
	pairs := append([]string{"MSET"}, numbered(200, func(i int) []string { return []string{key(i), strings.Repeat("v", 60_000)} })...)
	keys := append([]string{"MSET"}, numbered(2000, func(i int) []string { return []string{key(i), long} })...)
	names := func(name string) []string {
		return append([]string{name}, numbered(2000, func(i int) []string { return []string{key(i)} })...)
	}
	run := func(request []string) time.Duration {
		b := make([][]byte, len(request))
		for i, a := range request {
			b[i] = []byte(a)
		}
		input := commandtest.Encode(b)
		meter.Longest()
		if reply, _ := s.Send(input); len(reply) > 0 && reply[0] == '-' {
			t.Fatalf("%.40q: %.80s", request, reply)
		}
		return meter.Longest()
	}
	bound := time.Duration(1 << 62)
	for range 5 {
		slowest := time.Duration(0)
		for _, step := range [][]string{
			append([]string{"HSET", "step"}, fields(256, "v")...),
			append([]string{"MSET"}, numbered(100, func(i int) []string { return []string{"s" + key(i), long[:2000]} })...),
			{"FLUSHALL"},
		} {
			slowest = max(slowest, run(step))
		}
		bound = min(bound, stepsOfBound*slowest)
	}
	bound = max(bound, time.Millisecond)
	t.Logf("a shard may be held for %v", bound)
	payload := func() string {
		for _, request := range [][]string{{"FLUSHALL"}, hash("h")} {
			run(request)
		}
		reply, _ := s.Send(commandtest.Encode([][]byte{[]byte("DUMP"), []byte("h")}))
		_, payload, _ := strings.Cut(string(reply), "\r\n")
		return strings.TrimSuffix(payload, "\r\n")
	}
	for _, row := range []struct {
		before  [][]string
		request []string
	}{
		{[][]string{hash("h")}, []string{"COPY", "h", "to"}},
		{[][]string{hash("h")}, []string{"RENAME", "h", "to"}},
		{[][]string{hash("h")}, []string{"RENAME", "h", "too"}},
		{[][]string{hash("h")}, []string{"DUMP", "h"}},
		{[][]string{hash("h")}, []string{"RESTORE", "to", "0", payload()}},
		{[][]string{hash("h")}, []string{"HGETALL", "h"}},
		{nil, hash("h")},
		{nil, []string{"HSET", "h", "f", huge}},
		{[][]string{{"HSET", "h", "f", huge}}, []string{"HSET", "h", "f", huge, "g", huge}},
		{nil, []string{"HSETNX", "h", "f", huge}},
		{nil, []string{"HSETEX", "h", "EX", "100", "FIELDS", "1", "f", huge}},
		{[][]string{{"HSET", "h", "f", huge}}, []string{"HDEL", "h", "f"}},
		{[][]string{{"HSET", "h", "f", huge}}, []string{"HGET", "h", "f"}},
		{[][]string{{"HSET", "h", "f", huge}}, []string{"COPY", "h", "to"}},
		{[][]string{{"HSET", "h", "f", huge}}, []string{"RENAME", "h", "to"}},
		{[][]string{{"HSET", "h", "f", huge}}, []string{"DUMP", "h"}},
		{[][]string{{"HSET", "h", "f", huge}}, []string{"HGETALL", "h"}},
		{[][]string{hash("h"), {"HPEXPIRE", "h", "1", "FIELDS", "1", field(7)}, hash("other")}, []string{"DUMP", "h"}},
		{[][]string{append([]string{"HSET", "h"}, fields(120, strings.Repeat("v", 60_000))...)}, []string{"RENAME", "h", "to"}},
		{[][]string{hash("h")}, hash("h")},
		{[][]string{hash("h")}, append([]string{"HDEL", "h"}, fields(many)...)},
		{[][]string{hash("h")}, append([]string{"HMGET", "h"}, fields(many)...)},
		{[][]string{hash("h")}, append([]string{"HTTL", "h", "FIELDS", count}, fields(many)...)},
		{[][]string{hash("h")}, append([]string{"HEXPIRE", "h", "100", "FIELDS", count}, fields(many)...)},
		{[][]string{hash("h")}, append([]string{"HPERSIST", "h", "FIELDS", count}, fields(many)...)},
		{[][]string{hash("h")}, append([]string{"HGETEX", "h", "EX", "100", "FIELDS", count}, fields(many)...)},
		{[][]string{hash("h")}, append([]string{"HGETDEL", "h", "FIELDS", count}, fields(many)...)},
		{[][]string{hash("h")}, append([]string{"HSETEX", "h", "EX", "100", "FIELDS", count}, fields(many, "v")...)},
		{[][]string{hash("h")}, append([]string{"HSETEX", "h", "FXX", "FIELDS", count}, fields(many, "v")...)},
		{[][]string{hash("h")}, []string{"DEL", "h"}},
		{nil, pairs},
		{[][]string{pairs}, pairs},
		{nil, append([]string{"MSETNX"}, pairs[1:]...)},
		{nil, append(append([]string{"MSETEX", "200"}, pairs[1:]...), "EX", "100")},
		{[][]string{keys}, names("MGET")},
		{[][]string{keys}, names("EXISTS")},
		{[][]string{keys}, names("TOUCH")},
		{[][]string{keys}, names("DEL")},
		{[][]string{text("s")}, []string{"COPY", "s", "to"}},
		{[][]string{text("s")}, []string{"RENAME", "s", "to"}},
		{[][]string{text("s")}, []string{"APPEND", "s", "more"}},
		{[][]string{text("s")}, []string{"APPEND", "s", strings.Repeat("a", 8<<20)}},
		{[][]string{text("s")}, []string{"SETRANGE", "s", "20000000", "more"}},
		{nil, []string{"SETRANGE", "s", "20000000", "more"}},
		{[][]string{text("s")}, []string{"SETBIT", "s", "150000000", "1"}},
		{nil, []string{"SETBIT", "s", "150000000", "1"}},
		{[][]string{text("s")}, []string{"BITFIELD", "s", "SET", "u8", "150000000", "1"}},
		{[][]string{text("s")}, []string{"BITCOUNT", "s"}},
		{[][]string{text("s")}, []string{"BITPOS", "s", "1", "20000000"}},
		{[][]string{text("s")}, []string{"BITOP", "NOT", "to", "s"}},
		{nil, text("s")},
		{[][]string{text("s")}, []string{"EXPIRE", "s", "100"}},
		{[][]string{text("s")}, []string{"GETEX", "s", "EX", "100"}},
		{[][]string{text("s")}, []string{"LCS", "s", "none", "LEN"}},
		{[][]string{text("s")}, []string{"DUMP", "s"}},
		{[][]string{text("s")}, []string{"GETRANGE", "s", "0", "-1"}},
		{[][]string{text("s")}, []string{"DEL", "s"}},
	} {
		longest := time.Duration(1 << 62)
		for range 3 { // the shortest of a few: what is not the command's own comes and goes
			run([]string{"FLUSHALL"})
			for _, request := range row.before {
				run(request)
			}
			longest = min(longest, run(row.request))
			if longest <= bound {
				break
			}
		}
		short := row.request[:min(len(row.request), 4)]
		t.Logf("%8v  %.12q", longest.Round(10*time.Microsecond), short)
		if longest > bound {
			t.Errorf("%.12q after %d others holds a shard for %v", short, len(row.before), longest)
		}
	}
}
