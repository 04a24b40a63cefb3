package commandtest

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/command/arg"
	"github.com/redistill-go/redistill/core/store"
)

// trial is a test whose failures are what is wanted.
type trial struct {
	testing.TB
	mu       sync.Mutex
	failures []string
}

func (t *trial) Errorf(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failures = append(t.failures, fmt.Sprintf(format, args...))
}

func (t *trial) Fatalf(format string, args ...any) {
	t.Errorf(format, args...)
	runtime.Goexit()
}

// mine is a family of one command without a fault, strlen by another name, as change
// makes it.
func mine(change func(*command.Spec)) command.Family {
	s := command.Spec{
		Name: "mine.len", Handler: length, Arity: 2, Flags: command.ReadOnly | command.Fast, Brief: true,
		FirstKey: 1, LastKey: 1, KeyStep: 1, KeyAccess: "RO", Categories: command.CatString, Group: "mine", Since: "1.0.0",
		Summary: "Return the length of a string", Complexity: "O(1)", Args: arg.List(arg.Key("key")),
	}
	change(&s)
	return command.Family{ID: "commands.mine", Specs: []command.Spec{s}}
}

func length(c *command.Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	e, found := sh.Get(k, c.Now)
	switch {
	case !found:
		c.W.Int(0)
	case !c.WrongType(e, store.String):
		c.W.Int(int64(e.Len()))
	}
}

func TestAFamilyWithoutAFault(t *testing.T) { Run(t, mine(func(*command.Spec) {})) }

// Each of the checks finds what it is there for.
func TestFaultsAreFound(t *testing.T) {
	handler := func(f func(*command.Ctx)) func(*command.Spec) {
		return func(s *command.Spec) { s.Handler = f }
	}
	var kept []byte
	for name, x := range map[string]struct {
		check string
		fault func(*command.Spec)
		words string
	}{
		"upper case":       {"rows", func(s *command.Spec) { s.Name = "Len" }, "lower case"},
		"no access":        {"rows", func(s *command.Spec) { s.KeyAccess = "" }, "key access"},
		"odd access":       {"rows", func(s *command.Spec) { s.KeyAccess = "RO look" }, "look is none"},
		"no summary":       {"rows", func(s *command.Spec) { s.Summary = "" }, "summary"},
		"arity":            {"rows", func(s *command.Spec) { s.Arity = 4 }, "arity fits"},
		"both":             {"rows", func(s *command.Spec) { s.Flags |= command.Write }, "write and only read"},
		"no reply":         {"replies", handler(func(*command.Ctx) {}), "not one"},
		"two replies":      {"replies", handler(func(c *command.Ctx) { c.W.OK(); c.W.OK() }), "not one"},
		"half a reply":     {"replies", handler(func(c *command.Ctx) { c.W.Array(2); c.W.Int(1) }), "not one"},
		"panic":            {"replies", handler(func(c *command.Ctx) { _ = c.Args[7] }), "out of range"},
		"a read that adds": {"replies", handler(func(c *command.Ctx) { add(c); c.W.OK() }), "has changed"},
		"an error that adds": {"replies", func(s *command.Spec) {
			s.Flags = command.Write
			s.Handler = func(c *command.Ctx) { add(c); c.W.Error("ERR no") }
		}, "has changed"},
		"memory": {"replies", handler(func(c *command.Ctx) {
			if _, err := c.Store.Stage(1, 100_000); err != nil {
				panic(err)
			}
			c.W.OK()
		}), "bytes are left"},
		"any type":  {"types", handler(func(c *command.Ctx) { c.W.Int(1) }), "WRONGTYPE"},
		"no key":    {"keys", func(s *command.Spec) { s.LastKey = 0 }, "by the syntax"},
		"allocates": {"brief", handler(func(c *command.Ctx) { kept = make([]byte, 100); c.W.Int(int64(len(kept))) }), "allocations"},
	} {
		t.Run(name, func(t *testing.T) {
			failed := &trial{TB: t}
			for _, c := range checks {
				if c.name != x.check {
					continue
				}
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					runCheck(failed, c.check, time.Minute, []command.Family{mine(x.fault)})
				}()
				<-ended
			}
			if got := strings.Join(failed.failures, "\n"); !strings.Contains(got, x.words) {
				t.Errorf("the check of %s does not say %q, but %q", x.check, x.words, got)
			}
		})
	}
}

// A lock that is left is told of, and whoever waits for ever.
func TestLocksThatAreLeftAreFound(t *testing.T) {
	s := New(t, mine(func(*command.Spec) {}))
	sh := s.Store.Lock(s.Store.Key([]byte(keyString)))
	failed, ended, told := &trial{TB: t}, make(chan struct{}), make(chan struct{})
	go func() {
		defer close(told)
		guard(failed, s.Env.Table.Lookup([]byte("mine.len")), time.Millisecond, func() { s.free(); close(ended) })
	}()
	<-told
	sh.Unlock()
	<-ended
	if len(failed.failures) != 1 || !strings.Contains(failed.failures[0], "mine.len hangs, or has left a shard locked") {
		t.Errorf("it says %.100q", failed.failures)
	}
}

// add makes the key hold something else.
func add(c *command.Ctx) {
	k := c.Key(1)
	sh := c.Lock(k)
	defer c.Unlock(sh)
	if err := sh.Set(k, []byte("more"), 0, c.Now); err != nil {
		panic(err)
	}
}
