package introspection_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/stats"
)

func TestSlowlogReplies(t *testing.T) {
	s := newServer(t)
	enter := func(name string) {
		s.Env.Stats.Slowlog.Enter(time.UnixMilli(s.Now.Load()), 12345*time.Microsecond, [][]byte{[]byte("get"), []byte(name)}, "1.2.3.4:5", "me")
	}
	for i := range 12 {
		enter(fmt.Sprint("k", i))
	}
	entry := func(id int) string {
		key := fmt.Sprint("k", id)
		return fmt.Sprintf("*6\n:%d\n:1700000000\n:12345\n*2\n$3\nget\n$%d\n%s\n$9\n1.2.3.4:5\n$2\nme\n", id, len(key), key)
	}
	if got, want := s.Do("SLOWLOG", "GET", "2"), "*2\n"+entry(11)+entry(10); got != want {
		t.Errorf("SLOWLOG GET 2: %s", got)
	}
	for args, want := range map[string]string{"SLOWLOG GET": "*10\n", "SLOWLOG GET -1": "*12\n", "SLOWLOG GET 100": "*12\n", "SLOWLOG LEN": ":12\n", "SLOWLOG RESET": "+OK\n"} {
		if args == "SLOWLOG RESET" {
			continue
		}
		if got := s.Do(strings.Fields(args)...); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %.20q, want %q", args, got, want)
		}
	}
	s.Do("SLOWLOG", "RESET")
	if got := s.Do("SLOWLOG", "LEN"); got != ":0\n" {
		t.Errorf("after SLOWLOG RESET: %q", got)
	}
	enter("later")
	if got := s.Do("SLOWLOG", "GET"); !strings.HasPrefix(got, "*1\n*6\n:12\n") {
		t.Errorf("IDs begin again after SLOWLOG RESET: %q", got)
	}
}

func TestLatencyReplies(t *testing.T) {
	s := newServer(t)
	if got := s.Do("LATENCY", "DOCTOR"); !strings.Contains(got, "monitoring is off") {
		t.Errorf("LATENCY DOCTOR: %s", got)
	}
	l := &s.Env.Stats.Latency
	l.SetThreshold(10 * time.Millisecond)
	if got := s.Do("LATENCY", "DOCTOR"); !strings.Contains(got, "No latency spike") {
		t.Errorf("LATENCY DOCTOR: %s", got)
	}
	l.Record(stats.EventCommand, time.Unix(100, 0), 30*time.Millisecond)
	l.Record(stats.EventCommand, time.Unix(102, 0), 20*time.Millisecond)
	l.Record(stats.EventFastCommand, time.Unix(103, 0), 11*time.Millisecond)
	for args, want := range map[string]string{
		"LATENCY LATEST":          "*2\n*4\n$7\ncommand\n:102\n:20\n:30\n*4\n$12\nfast-command\n:103\n:11\n:11\n",
		"LATENCY HISTORY command": "*2\n*2\n:100\n:30\n*2\n:102\n:20\n",
		"LATENCY HISTORY none":    "*0\n",
		"LATENCY GRAPH none":      "-ERR No samples available for event 'none'\n",
	} {
		if got := s.Do(strings.Fields(args)...); got != want {
			t.Errorf("%s: %q, want %q", args, got, want)
		}
	}
	graph := s.Do("LATENCY", "GRAPH", "command")
	if !strings.Contains(graph, `command - high 30 ms, low 20 ms (all time high 30 ms)\n`) || !strings.HasSuffix(graph, `\n#\n|\n|\n|#\n`+"\n") {
		t.Errorf("LATENCY GRAPH: %s", graph)
	}
	if got := s.Do("LATENCY", "DOCTOR"); !strings.Contains(got, "command: 2 latency spikes, average 25 ms, worst 30 ms.") {
		t.Errorf("LATENCY DOCTOR: %s", got)
	}
	if got := s.Do("LATENCY", "RESET", "command", "none"); got != ":1\n" {
		t.Errorf("LATENCY RESET command none: %q", got)
	}
	if got := s.Do("LATENCY", "RESET"); got != ":1\n" {
		t.Errorf("LATENCY RESET: %q", got)
	}
}

func TestLatencyHistogram(t *testing.T) {
	s := newServer(t)
	set, id := s.Env.Table.Lookup([]byte("set")), s.Env.Table.LookupFull([]byte("client|id"))
	batch := stats.NewBatch(s.Env.Table.Len())
	for i, took := range []time.Duration{100, 1500, 3000, 40_000, 40_000} {
		batch.Called(set.Index, false)
		s.Env.Stats.Timed(set.Index, took*time.Nanosecond, batch.Weight(set.Index))
		if i == 0 {
			batch.Called(id.Index, false)
			s.Env.Stats.Timed(id.Index, time.Hour, batch.Weight(id.Index))
		}
	}
	batch.Flush(s.Env.Stats, 0, 0)
	want := "*2\n$3\nset\n*4\n$5\ncalls\n:5\n$14\nhistogram_usec\n*8\n:1\n:1\n:2\n:2\n:4\n:3\n:66\n:5\n"
	if got := s.Do("LATENCY", "HISTOGRAM", "set", "get", "none"); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	// The name of a container stands for its subcommands.
	if got := s.Do("LATENCY", "HISTOGRAM", "client"); !strings.HasPrefix(got, "*2\n$9\nclient|id\n*4\n$5\ncalls\n:1\n$14\nhistogram_usec\n*2\n") {
		t.Errorf("%q", got)
	}
	s.Do("HELLO", "3")
	if got := s.Do("LATENCY", "HISTOGRAM", "set"); !strings.HasPrefix(got, "%1\n$3\nset\n%2\n$5\ncalls\n:5\n$14\nhistogram_usec\n%4\n:1\n:1\n") {
		t.Errorf("RESP3: %q", got)
	}
}

// tracker keeps the second of the last use, and counts nothing else.
type tracker struct{}

func (tracker) Name() string         { return "tracker" }
func (tracker) Evicts() bool         { return true }
func (tracker) Samples() int         { return 5 }
func (tracker) ReadSampling() uint32 { return 1 }
func (tracker) Insert(now int64) eviction.Recency {
	return eviction.Recency(now/1000) & eviction.RecencyMask
}
func (p tracker) Touch(_ eviction.Recency, now int64) eviction.Recency { return p.Insert(now) }
func (tracker) Rank(eviction.Candidate, int64) (uint64, bool) {
	return 0, true
}

type idleTracker struct{ tracker }

func (p idleTracker) Idle(r eviction.Recency, now int64) time.Duration {
	return time.Duration(p.Insert(now)-r) * time.Second
}

type frequencyTracker struct{ tracker }

func (idleTracker) LastUsed(_ time.Duration, _ int64) eviction.Recency { return 0 }

func (frequencyTracker) Counted(n int, _ int64) eviction.Recency { return eviction.Recency(n) }

func (frequencyTracker) Frequency(r eviction.Recency, _ int64) int { return int(r & 0xff) }

func TestObjectAsksThePolicy(t *testing.T) {
	s := newServer(t)
	for _, x := range []struct {
		policy     eviction.Policy
		idle, freq string
	}{
		{nil, "-ERR An LRU", "-ERR An LFU"},
		{tracker{}, "-ERR An LRU", "-ERR An LFU"},
		{idleTracker{}, ":5\n", "-ERR An LFU"},
		{frequencyTracker{}, "-ERR An LFU maxmemory policy is selected", fmt.Sprintf(":%d\n", s.Now.Load()/1000&0xff)},
	} {
		s.Env.Store.SetPolicy(x.policy)
		s.Do("SET", "k", "v")
		s.Now.Add(5000)
		if got := s.Do("OBJECT", "IDLETIME", "k"); !strings.HasPrefix(got, x.idle) {
			t.Errorf("%T: IDLETIME %q, want %q", x.policy, got, x.idle)
		}
		if got := s.Do("OBJECT", "FREQ", "k"); !strings.HasPrefix(got, x.freq) && x.freq[0] != ':' || got[0] != x.freq[0] {
			t.Errorf("%T: FREQ %q, want %q", x.policy, got, x.freq)
		}
	}
}

func TestMemoryUsage(t *testing.T) {
	s := newServer(t)
	usage := func(key string) int {
		t.Helper()
		n, err := strconv.Atoi(strings.Trim(s.Do("MEMORY", "USAGE", key), ":\n"))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, size := range []int{0, 10, 1000, 100_000} {
		s.Do("SET", "k", strings.Repeat("v", size))
		if n := usage("k"); n < size+9 || n > size*5/4+64 {
			t.Errorf("%d bytes take %d", size, n)
		}
	}
	if got := s.Do("MEMORY", "USAGE", "k", "SAMPLES", "0"); got != s.Do("MEMORY", "USAGE", "k") {
		t.Errorf("with SAMPLES: %q", got)
	}
}

func TestMemoryStats(t *testing.T) {
	s := newServer(t)
	s.Do("SET", "k", strings.Repeat("v", 1000))
	reply := s.Do("MEMORY", "STATS")
	if n := strings.Count(reply, "\n"); !strings.HasPrefix(reply, fmt.Sprintf("*%d\n", 2*(34+len(stats.Holdings())))) {
		t.Errorf("%d lines: %q", n, reply)
	}
	for _, pattern := range []string{`\nkeys.count\n:1\n`, `\ndb.0\n\*4\n\$23\noverhead.hashtable.main\n:[1-9]\d+\n`, `\npeak.allocated\n:[1-9]\d+\n`, `\ndataset.bytes\n:[1-9]\d+\n`, `\nfragmentation\n\$\d+\n\d+`} {
		if !regexp.MustCompile(pattern).MatchString(reply) {
			t.Errorf("no %s in %q", pattern, reply)
		}
	}
	if got := s.Do("MEMORY", "DOCTOR"); !strings.Contains(got, "very little memory") {
		t.Errorf("MEMORY DOCTOR: %q", got)
	}
	s.Do("SET", "big", strings.Repeat("v", 8<<20))
	s.Env.Store.SetMaxMemory(s.Env.Store.Memory().Allocated)
	if got := s.Do("MEMORY", "DOCTOR"); !strings.Contains(got, "Memory is full") {
		t.Errorf("MEMORY DOCTOR: %q", got)
	}
	if got := s.Do("MEMORY", "MALLOC-STATS"); !strings.Contains(got, "allocated: ") {
		t.Errorf("MEMORY MALLOC-STATS: %q", got)
	}
}

func TestDebug(t *testing.T) {
	s := newServer(t)
	for _, x := range []struct {
		mode, addr string
		allowed    bool
	}{
		{"", "127.0.0.1:1", false}, {"no", "127.0.0.1:1", false}, {"yes", "1.2.3.4:1", true},
		{"local", "127.0.0.1:1", true}, {"local", "[::1]:1", true}, {"local", "/tmp/socket:0", true}, {"local", "1.2.3.4:1", false},
	} {
		s.Env.Debug, s.Client.Addr = x.mode, x.addr
		if got := s.Do("DEBUG", "SLEEP", "0"); (got == "+OK\n") != x.allowed || !x.allowed && !strings.HasPrefix(got, "-ERR DEBUG command not allowed.") {
			t.Errorf("%+v: %q", x, got)
		}
	}
	s.Env.Debug = "yes"
	s.Do("SET", "k", "12")
	for args, want := range map[string]string{
		"DEBUG OBJECT none": "-ERR no such key\n",
		"DEBUG OBJECT k":    "+refcount:1 encoding:int bytes:16\n",
		"DEBUG SLEEP x":     "-ERR value is not a valid float\n",
		"DEBUG SLEEP":       "-ERR unknown subcommand or wrong number of arguments for 'SLEEP'. Try DEBUG HELP.\n",
		"DEBUG nonsense":    "-ERR unknown subcommand or wrong number of arguments for 'nonsense'. Try DEBUG HELP.\n",
	} {
		if got := s.Do(strings.Fields(args)...); got != want {
			t.Errorf("%s: %q, want %q", args, got, want)
		}
	}
	s.Do("DEBUG", "SET-ACTIVE-EXPIRE", "0")
	if !s.Env.SweepPaused.Load() {
		t.Error("SET-ACTIVE-EXPIRE 0 does not switch the sweep off")
	}
	s.Do("DEBUG", "SET-ACTIVE-EXPIRE", "1")
	if s.Env.SweepPaused.Load() {
		t.Error("SET-ACTIVE-EXPIRE 1 does not switch the sweep on")
	}
}

// Commands that look at all of the store do so in a transaction too, in which
// every shard is locked.
func TestLookingAtTheServerInTransactions(t *testing.T) {
	s := newServer(t)
	s.Env.Debug = "yes"
	s.Do("SET", "k", "v", "EX", "100")
	s.Do("MULTI")
	requests := [][]string{
		{"INFO", "all"}, {"MEMORY", "STATS"}, {"MEMORY", "USAGE", "k"}, {"MEMORY", "PURGE"}, {"OBJECT", "ENCODING", "k"}, {"DEBUG", "OBJECT", "k"},
		{"CONFIG", "RESETSTAT"}, {"SLOWLOG", "GET"}, {"LATENCY", "LATEST"}, {"LATENCY", "HISTOGRAM"}, {"COMMAND", "GETKEYS", "GET", "k"}, {"DBSIZE"},
	}
	for _, r := range requests {
		if got := s.Do(r...); got != "+QUEUED\n" {
			t.Fatalf("%s: %q", r, got)
		}
	}
	if got := s.Do("EXEC"); !strings.HasPrefix(got, fmt.Sprintf("*%d\n$", len(requests))) || strings.Contains(got, "\n-") {
		t.Errorf("EXEC: %q", got)
	}
}
