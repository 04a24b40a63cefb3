package session

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/stats"
)

// held is how long the command HOLD takes at least.
const held = 3 * time.Millisecond

// withHold is a server with the command HOLD. Every command that takes as long
// as HOLD is slow.
func withHold(t *testing.T) *server {
	t.Helper()
	s := newServer(t, setup{specs: append(allSpecs(), command.Spec{
		Name: "hold", Arity: -1, Group: "server",
		Handler: func(c *command.Ctx) {
			for begin := time.Now(); time.Since(begin) < held; {
				continue
			}
			c.W.OK()
		},
	})})
	s.env.Stats.Slowlog.SetThreshold(held)
	s.env.Stats.Slowlog.SetMost(1000)
	return s
}

func (s *server) slow(name string) (entries []stats.SlowCommand) {
	for _, e := range s.env.Stats.Slowlog.Last(-1) {
		if strings.EqualFold(e.Args[0], name) {
			entries = append(entries, e)
		}
	}
	return entries
}

// A slow command is found wherever it stands in a pipeline, and whether other
// commands are timed or not.
func TestSlowCommandsInPipelines(t *testing.T) {
	s := withHold(t)
	s.env.Stats.Latency.SetThreshold(held)
	c := s.connect()
	c.Client.Addr = "1.2.3.4:5"
	c.Client.SetName("me")
	get, want := encode("GET", "key"), []string{}
	for i, shape := range []struct{ before, after int }{{0, 0}, {0, 1}, {1, 0}, {5, 5}, {62, 1}, {63, 64}, {100, 100}, {29, 0}} {
		name := fmt.Sprint("hold", i)
		want = append(want, name)
		c.send(slices.Concat(bytes.Repeat(get, shape.before), encode("hold", name), bytes.Repeat(get, shape.after)))
	}
	var got []string
	for _, e := range s.slow("hold") {
		got = append(got, e.Args[1])
		if e.Took < held || e.Addr != "1.2.3.4:5" || e.Name != "me" || e.At.UnixMilli() != s.shared.Clock() {
			t.Errorf("%+v", e)
		}
	}
	slices.Reverse(got)
	if !slices.Equal(got, want) {
		t.Errorf("slow commands: %q, want %q", got, want)
	}
	if spikes, longest := s.env.Stats.Latency.History(stats.EventCommand); len(spikes) != 1 || longest < held {
		t.Errorf("latency spikes %v, %v", spikes, longest)
	}
	hold := s.env.Table.Lookup([]byte("hold")).Index
	if timing := s.env.Stats.Timing(hold); timing.Calls != int64(len(want)) || timing.Total < held*time.Duration(len(want)) {
		t.Errorf("%d calls took %v", timing.Calls, timing.Total)
	}
}

// A transaction's commands are timed one by one.
func TestSlowCommandInTransaction(t *testing.T) {
	s := withHold(t)
	c := s.connect()
	c.send(encodeAll([]string{"MULTI"}, []string{"GET", "a"}, []string{"hold", "x"}, []string{"GET", "b"}, []string{"EXEC"}))
	if e := s.slow("hold"); len(e) != 1 || e[0].Args[1] != "x" {
		t.Errorf("%+v", e)
	}
	get := s.env.Table.Lookup([]byte("get")).Index
	if calls, _, _ := s.env.Stats.Command(get); calls != 2 || s.env.Stats.Timing(get).Calls != 2 {
		t.Errorf("%d calls, %d timed", calls, s.env.Stats.Timing(get).Calls)
	}
	c.leave()
}

// With a threshold of nothing every command is entered, those in pipelines too.
func TestSlowlogOfEverything(t *testing.T) {
	s := newServer(t, setup{})
	s.env.Stats.Slowlog.SetThreshold(0)
	s.env.Stats.Slowlog.SetMost(1000)
	c := s.connect()
	c.send(bytes.Repeat(encode("GET", "key"), 100))
	if got := len(s.slow("get")); got != 100 {
		t.Errorf("%d entries", got)
	}
	s.env.Stats.Slowlog.SetThreshold(stats.Never)
	c.do("PING")
	if got := len(s.slow("ping")); got != 0 {
		t.Errorf("%d entries while the log is off", got)
	}
}

// No password is in the slow log.
func TestSlowlogHidesPasswords(t *testing.T) {
	s := newServer(t, setup{password: "secret"})
	s.env.Stats.Slowlog.SetThreshold(0)
	c := s.connect()
	c.do("AUTH", "secret")
	c.do("HELLO", "2", "AUTH", "default", "secret", "SETNAME", "me")
	c.do("CONFIG", "SET", "maxmemory", "0", "requirepass", "secret")
	for _, e := range s.env.Stats.Slowlog.Last(-1) {
		if slices.Contains(e.Args, "secret") {
			t.Errorf("%q", e.Args)
		}
	}
	for name, want := range map[string][]string{
		"auth":   {"AUTH", "(redacted)"},
		"hello":  {"HELLO", "2", "AUTH", "(redacted)", "(redacted)", "SETNAME", "me"},
		"config": {"CONFIG", "SET", "maxmemory", "0", "requirepass", "(redacted)"},
	} {
		if e := s.slow(name); len(e) != 1 || !slices.Equal(e[0].Args, want) {
			t.Errorf("%s: %+v, want %q", name, e, want)
		}
	}
}

// A lap that took too long has the last command of it in the slow log, with its
// own arguments.
func TestSlowLap(t *testing.T) {
	s := newServer(t, setup{})
	c := s.connect()
	c.ws.watch.skip = 1000
	c.ws.Filled(copy(c.ws.ReadBuf(), encodeAll([]string{"GET", "a"}, []string{"GET", "b"})))
	c.attach(c.ws)
	c.parse(c.ws)
	c.warm(c.ws)
	for i := range 2 {
		c.ws.next = i + 1
		c.execute(c.ws, &c.ws.batch[i])
	}
	if c.ws.watch.ran == fresh {
		t.Fatal("the commands were timed one by one")
	}
	c.ws.watch.at -= time.Second
	c.endLap(c.ws)
	if e := s.slow("get"); len(e) != 1 || e[0].Args[1] != "b" || e[0].Took < time.Second {
		t.Errorf("%+v", e)
	}
}

// The calls that the times stand for follow the calls, and alone every call is
// timed.
func TestTimingOfQuickCommands(t *testing.T) {
	s := newServer(t, setup{})
	c := s.connect()
	get := s.env.Table.Lookup([]byte("get")).Index
	for range 10 {
		c.do("GET", "key")
	}
	if n := s.env.Stats.Timing(get).Calls; n != 10 {
		t.Errorf("%d of 10 single calls are timed", n)
	}
	const pipelines, each = 300, 30
	for range pipelines {
		c.send(bytes.Repeat(encode("GET", "key"), each))
	}
	calls, _, _ := s.env.Stats.Command(get)
	timed := s.env.Stats.Timing(get).Calls
	if calls != 10+pipelines*each || timed > calls || timed < calls-192 {
		t.Errorf("%d calls, of which %d have a time", calls, timed)
	}
}

func TestErrorsAreCountedByCode(t *testing.T) {
	s := newServer(t, setup{password: "x"})
	c := s.connect()
	c.do("GET", "key")
	c.do("AUTH", "y")
	c.do("AUTH", "x")
	c.do("GET")
	c.do("NONSENSE")
	got := map[string]int64{}
	s.env.Stats.EachError(func(code string, n int64) { got[code] = n })
	if len(got) != 3 || got["NOAUTH"] != 1 || got["WRONGPASS"] != 1 || got["ERR"] != 2 {
		t.Errorf("%v", got)
	}
}
