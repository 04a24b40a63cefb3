package basics_test

import (
	"strings"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/eviction"
)

// lastRead is a policy that keeps with an entry when it was last used.
type lastRead struct{}

func (lastRead) Name() string         { return "last-read" }
func (lastRead) Evicts() bool         { return true }
func (lastRead) Samples() int         { return 1 }
func (lastRead) ReadSampling() uint32 { return 1 }
func (lastRead) Insert(now int64) eviction.Recency {
	return eviction.Recency(now) & eviction.RecencyMask
}
func (lastRead) Touch(_ eviction.Recency, now int64) eviction.Recency {
	return eviction.Recency(now) & eviction.RecencyMask
}
func (lastRead) Rank(eviction.Candidate, int64) (uint64, bool) { return 0, false }

// What a client reads after CLIENT NO-TOUCH ON doesn't count as used, except
// by TOUCH, and other clients' reads do.
func TestNoTouch(t *testing.T) {
	s := newServer(t)
	s.Env.Store.SetPolicy(lastRead{})
	used := func() eviction.Recency {
		k := s.Env.Store.Key([]byte("k"))
		sh := s.Env.Store.Lock(k)
		defer sh.Unlock()
		e, ok := sh.Peek(k, s.Now.Load())
		if !ok {
			t.Fatal("the key is gone")
		}
		return e.Recency()
	}
	s.Do("SET", "k", "v")
	for _, x := range []struct {
		request string
		touches bool
	}{
		{"GET k", true},
		{"CLIENT NO-TOUCH ON", false},
		{"GET k", false},
		{"MGET k j", false},
		{"GETRANGE k 0 0", false},
		{"TOUCH k", true},
		{"TOUCH j k", true},
		{"GET k", false},
		{"CLIENT NO-TOUCH OFF", false},
		{"GET k", true},
		{"CLIENT NO-TOUCH ON", false},
		{"MGET k j", false},
		{"RESET", false},
		{"MGET k j", true},
	} {
		before := used()
		s.Now.Add(1)
		if reply := s.Do(strings.Fields(x.request)...); reply[0] == '-' {
			t.Errorf("%s: %s", x.request, reply)
		}
		if got := used() != before; got != x.touches {
			t.Errorf("%s: the key counts as used: %v", x.request, got)
		}
	}
	// Another client's reads count even while one doesn't want its own to.
	s.Do("CLIENT", "NO-TOUCH", "ON")
	s.Do("GET", "k")
	s.Reconnect()
	before := used()
	s.Now.Add(1)
	s.Do("GET", "k")
	if used() == before {
		t.Error("another client's read doesn't count")
	}
}

func TestNewClientOptions(t *testing.T) {
	s := newServer(t)
	s.Now.Store(s.Client.Created.Add(10*time.Second + time.Millisecond).UnixMilli())
	for _, x := range []struct{ request, reply string }{
		{"CLIENT NO-TOUCH", "-ERR wrong number of arguments for 'client|no-touch' command\n"},
		{"CLIENT NO-TOUCH x", "-ERR syntax error\n"},
		{"CLIENT KILL MAXAGE x ID 1", "-ERR maxage is not an integer or out of range\n"},
		{"CLIENT KILL MAXAGE 0 ID 1", "-ERR maxage should be greater than 0\n"},
		{"CLIENT KILL MAXAGE 11 SKIPME no", ":0\n"},
		{"CLIENT KILL MAXAGE 10 SKIPME no", ":1\n"},
		{"SUBSCRIBE news", "-ERR this server has no publish/subscribe: the only channel is __redis__:invalidate, for CLIENT TRACKING ... REDIRECT\n"},
		{"SUBSCRIBE __redis__:invalidate news", "-ERR this server has no publish/subscribe: the only channel is __redis__:invalidate, for CLIENT TRACKING ... REDIRECT\n"},
	} {
		s.Client.Closing = false
		if got := s.Do(strings.Fields(x.request)...); got != x.reply {
			t.Errorf("%s: got %q, want %q", x.request, got, x.reply)
		}
	}
	if s.Client.Subscribed() {
		t.Error("a refused SUBSCRIBE has subscribed")
	}
}
