package allcommands_test

import (
	"strings"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/command"
	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/session"
)

// peer is one more client of a server.
type peer struct {
	*session.Session
	ws *session.Workspace
}

func (s *server) join() *peer {
	p := &peer{session.New(s.shared), s.pool.Get()}
	p.Client.Addr, p.Client.LocalAddr = "127.0.0.1:50001", "127.0.0.1:6379"
	return p
}

// leave ends the session as a driver does.
func (p *peer) leave(s *server) {
	p.Abandon(p.ws)
	s.pool.Put(p.ws)
	p.End()
}

// do executes one request and returns its raw reply.
func (p *peer) do(args ...string) string {
	request := make([][]byte, len(args))
	for i, a := range args {
		request[i] = []byte(a)
	}
	reply, _ := p.Feed(p.ws, encode(request))
	return string(reply)
}

// want fails the test unless the reply to a request is this.
func (p *peer) want(t testing.TB, reply string, args ...string) {
	t.Helper()
	if got := p.do(args...); got != reply {
		t.Errorf("%.100q: got %.200q, want %.200q", args, got, reply)
	}
}

const (
	ok     = "+OK\r\n"
	queued = "+QUEUED\r\n"
	pong   = "+PONG\r\n"
	null   = "*-1\r\n"
)

func TestWatchHearsOtherClients(t *testing.T) {
	s := newServer(t)
	a, b := s.join(), s.join()
	for name, c := range map[string]struct {
		change  []string
		touched bool
	}{
		"write":              {[]string{"SET", "k", "w"}, true},
		"counter":            {[]string{"INCR", "n"}, true},
		"delete":             {[]string{"DEL", "k"}, true},
		"expiry":             {[]string{"EXPIRE", "k", "100"}, true},
		"flush":              {[]string{"FLUSHALL"}, true},
		"other key":          {[]string{"SET", "other", "x"}, false},
		"read":               {[]string{"GET", "k"}, false},
		"failed write":       {[]string{"SETNX", "k", "x"}, false},
		"delete of none":     {[]string{"DEL", "none"}, false},
		"write in a MULTI":   {[]string{"MULTI"}, false},
		"persist of no time": {[]string{"PERSIST", "k"}, false},
	} {
		a.want(t, ok, "MSET", "k", "v", "n", "1")
		a.want(t, ok, "WATCH", "k", "n", "none")
		b.do(c.change...)
		b.do("DISCARD")
		a.want(t, ok, "MULTI")
		a.want(t, queued, "PING")
		want := "*1\r\n" + pong
		if c.touched {
			want = null
		}
		if got := a.do("EXEC"); got != want {
			t.Errorf("%s: EXEC replied %q, want %q", name, got, want)
		}
		a.want(t, ok, "MULTI")
		a.want(t, queued, "PING")
		a.want(t, "*1\r\n"+pong, "EXEC")
	}
}

func TestWatchedKeyThatExpires(t *testing.T) {
	s := newServer(t)
	a, b := s.join(), s.join()
	for _, meet := range []bool{false, true} {
		a.want(t, ok, "SET", "k", "v", "PX", "10")
		a.want(t, ok, "WATCH", "k")
		a.want(t, ok, "MULTI")
		a.want(t, queued, "GET", "k")
		s.now.Add(11)
		if meet {
			b.want(t, "$-1\r\n", "GET", "k")
		}
		a.want(t, null, "EXEC")
		// It had expired before it was watched.
		a.want(t, ok, "SET", "k", "v", "PX", "10")
		s.now.Add(11)
		a.want(t, ok, "WATCH", "k")
		b.want(t, ":0\r\n", "EXISTS", "k")
		a.want(t, ok, "MULTI")
		a.want(t, queued, "GET", "k")
		a.want(t, "*1\r\n$-1\r\n", "EXEC")
	}
}

func TestEvictionTouchesWatchers(t *testing.T) {
	s := newServer(t)
	a, b := s.join(), s.join()
	a.want(t, ok, "SET", "k", "v")
	a.want(t, ok, "WATCH", "k")
	s.env.Store.SetPolicy(everything{})
	s.env.Store.SetMaxMemory(100)
	b.do("SET", "other", "x")
	s.env.Store.SetMaxMemory(0)
	s.env.Store.SetPolicy(nil)
	a.want(t, ok, "MULTI")
	a.want(t, queued, "PING")
	a.want(t, null, "EXEC")
}

// A client that leaves leaves nothing behind.
func TestLeavingEndsTransaction(t *testing.T) {
	s := newServer(t)
	large := strings.Repeat("x", 200_000)
	for _, end := range []string{"RESET", "QUIT", ""} {
		a := s.join()
		a.want(t, ok, "WATCH", "k", "l")
		a.want(t, ok, "MULTI")
		a.want(t, queued, "SET", "k", large)
		if a.Client.Multi() != 1 || a.Client.Watching() != 2 {
			t.Errorf("%d commands queued and %d keys watched, want 1 and 2", a.Client.Multi(), a.Client.Watching())
		}
		if end != "" {
			a.do(end)
		}
		if end == "RESET" && (a.Client.Multi() != -1 || a.Client.Watching() != 0) {
			t.Errorf("after RESET %d commands queued and %d keys watched", a.Client.Multi(), a.Client.Watching())
		}
		a.leave(s)
		if a.Client.Multi() != -1 || a.Client.Watching() != 0 {
			t.Errorf("%s: %d commands queued and %d keys watched by a client that left", end, a.Client.Multi(), a.Client.Watching())
		}
		if n := s.env.Store.Memory().Allocated; n != 0 {
			t.Errorf("%s: %d bytes are left", end, n)
		}
	}
}

func TestLargeArgumentsInTransaction(t *testing.T) {
	s := newServer(t)
	a := s.join()
	x, y := strings.Repeat("x", 100_000), strings.Repeat("y", 300_000)
	bulk := func(v string) string { return bulk(modelEntry{value: v}, true) }
	for _, end := range []string{"EXEC", "DISCARD"} {
		a.want(t, ok, "MULTI")
		a.want(t, queued, "SET", "k", x)
		a.want(t, queued, "MSET", "k", y, "longer name", x)
		a.want(t, queued, "APPEND", "k", x)
		a.want(t, queued, "ECHO", y)
		a.want(t, queued, "SET", y, x)
		a.want(t, queued, "SETNX", "k", y)
		a.want(t, queued, "MGET", "k", "longer name", y)
		if end == "DISCARD" {
			a.want(t, ok, end)
		} else {
			a.want(t, "*7\r\n"+ok+ok+":400000\r\n"+bulk(y)+ok+":0\r\n*3\r\n"+bulk(y+x)+bulk(x)+bulk(x), end)
		}
		a.want(t, ok, "FLUSHALL")
		if n := s.env.Store.Memory().Allocated; n != 0 {
			t.Errorf("%s: %d bytes are left", end, n)
		}
	}
}

func TestFullMemoryRefusesTransactions(t *testing.T) {
	s := newServer(t)
	a := s.join()
	const oom = "OOM command not allowed when used memory > 'maxmemory'.\r\n"
	full := func(yes bool) {
		if s.env.Store.SetMaxMemory(0); yes {
			s.env.Store.SetMaxMemory(1)
		}
	}
	a.want(t, ok, "SET", "k", "v")

	a.want(t, ok, "MULTI")
	full(true)
	a.want(t, queued, "GET", "k")
	a.want(t, "-"+oom, "SET", "k", "w")
	a.want(t, queued, "DEL", "k")
	a.want(t, "-EXECABORT Transaction discarded because of previous errors.\r\n", "EXEC")

	// What needs no memory, and what frees it, runs in a transaction as well.
	full(false)
	a.want(t, ":1\r\n", "HSET", "h", "f", "v")
	a.want(t, ok, "SET", "gone", "v")
	full(true)
	a.want(t, ok, "MULTI")
	a.want(t, queued, "HPEXPIRE", "h", "1000", "FIELDS", "1", "f")
	a.want(t, queued, "EXPIRE", "h", "1000")
	a.want(t, queued, "DEL", "gone")
	a.want(t, "*3\r\n*1\r\n:1\r\n:1\r\n:1\r\n", "EXEC")
	full(false)

	a.want(t, ok, "MULTI")
	a.want(t, queued, "SET", "k", "w")
	full(true)
	a.want(t, "-EXECABORT Transaction discarded because of: "+oom, "EXEC")
	a.want(t, "-ERR EXEC without MULTI\r\n", "EXEC")

	full(false)
	a.want(t, ok, "MULTI")
	a.want(t, queued, "GET", "k")
	full(true)
	a.want(t, "*1\r\n$1\r\nv\r\n", "EXEC")
}

func TestAuthenticationInTransaction(t *testing.T) {
	s := newServer(t)
	s.env.Auth.SetPassword("secret")
	a := s.join()
	a.want(t, "-NOAUTH Authentication required.\r\n", "MULTI")
	a.want(t, "-EXECABORT Transaction discarded because of: NOAUTH Authentication required.\r\n", "EXEC")
	a.want(t, ok, "AUTH", "secret")
	a.want(t, ok, "MULTI")
	a.want(t, queued, "AUTH", "wrong")
	a.want(t, queued, "GET", "k")
	a.want(t, "*2\r\n-WRONGPASS invalid username-password pair or user is disabled.\r\n$-1\r\n", "EXEC")
}

// A client can't make the server keep more than one request may have.
func TestQueueIsBounded(t *testing.T) {
	s := newServer(t)
	s.shared.Limits.MaxRequest = 10_000
	a := s.join()
	a.want(t, ok, "MULTI")
	request := encode([][]byte{[]byte("SET"), []byte("k"), []byte(strings.Repeat("v", 1000))})
	for range 20 {
		if _, closed := a.Feed(a.ws, request); closed {
			if n := a.Client.Multi(); n < 5 || n > 10 {
				t.Errorf("closed after %d commands of 1000 bytes", n)
			}
			a.leave(s)
			return
		}
	}
	t.Error("20 commands of 1000 bytes were queued where 10,000 bytes are allowed")
}

// No command waits for a lock that its own transaction holds. Whoever adds one
// that looks at keys beyond those in its Spec finds out here.
func TestEveryCommandRunsInTransaction(t *testing.T) {
	s := newServer(t)
	var requests [][]string
	add := func(c *command.Command) {
		name := strings.Split(c.FullName, "|")
		for n := range 6 {
			for _, arg := range []string{"k", "1"} {
				request := append([]string{}, name...)
				for range n {
					request = append(request, arg)
				}
				if c.ArityOK(len(request)) {
					requests = append(requests, request)
				}
			}
		}
	}
	for i := range s.env.Table.Len() {
		if c := s.env.Table.At(i); !c.Direct && c.Handler != nil {
			add(c)
		}
	}
	requests = append(requests, extraRequests...)
	a := s.join()
	done := make(chan string, 1)
	for _, r := range requests {
		go func() {
			a.do("MULTI")
			a.do("SET", "k", "1")
			a.do(r...)
			a.do("SET", "other", "1")
			done <- a.do("EXEC")
		}()
		select {
		case reply := <-done:
			if !strings.HasPrefix(reply, "*3\r\n") && !strings.HasPrefix(reply, "-EXECABORT ") {
				t.Errorf("%q in a transaction: %.100q", r, reply)
			}
		case <-time.After(30 * time.Second):
			t.Fatalf("%q hangs in a transaction", r)
		}
		if a.do("DBSIZE"); a.Client.Closing {
			a.leave(s)
			a = s.join()
		}
	}
}

// extraRequests are what the arguments above don't reach.
var extraRequests = [][]string{
	{"FLUSHALL", "ASYNC"}, {"FLUSHDB", "SYNC"}, {"SCAN", "0"}, {"SCAN", "0", "COUNT", "1000"}, {"KEYS", "*"},
	{"INFO", "ALL"}, {"INFO", "everything"}, {"CONFIG", "GET", "*"}, {"CLIENT", "LIST"},
	{"MEMORY", "STATS"}, {"MEMORY", "DOCTOR"}, {"MEMORY", "PURGE"}, {"MEMORY", "USAGE", "k"}, {"OBJECT", "ENCODING", "k"},
	{"CLIENT", "TRACKING", "ON"}, {"CLIENT", "TRACKING", "ON", "BCAST"}, {"CLIENT", "TRACKING", "OFF"},
	{"MSETEX", "2", "k", "1", "l", "2"}, {"BITOP", "AND", "k", "k", "l"}, {"COPY", "k", "l"}, {"RENAME", "k", "l"},
}

// everything is a policy that evicts whatever there is.
type everything struct{}

func (everything) Name() string                                          { return "everything" }
func (everything) Evicts() bool                                          { return true }
func (everything) Samples() int                                          { return 1 }
func (everything) ReadSampling() uint32                                  { return 0 }
func (everything) Insert(int64) eviction.Recency                         { return 0 }
func (everything) Touch(r eviction.Recency, _ int64) eviction.Recency    { return r }
func (everything) Rank(eviction.Candidate, int64) (rank uint64, ok bool) { return 0, true }

// What can't be executed any more is not kept.
func TestDoomedTransactionKeepsNothing(t *testing.T) {
	s := newServer(t)
	a, b := s.join(), s.join()
	for name, doom := range map[string]func(){
		"error":  func() { a.do("NOSUCH") },
		"change": func() { b.do("SET", "k", "other") },
	} {
		a.want(t, ok, "WATCH", "k")
		a.want(t, ok, "MULTI")
		a.want(t, queued, "PING")
		doom()
		before := s.env.Store.Memory().Allocated
		a.want(t, queued, "SET", "k", strings.Repeat("x", 100_000))
		if n := a.Client.Multi(); n != 1 {
			t.Errorf("%s: %d commands are queued, want the one before", name, n)
		}
		if n := s.env.Store.Memory().Allocated; n != before {
			t.Errorf("%s: %d bytes are kept", name, n-before)
		}
		if reply := a.do("EXEC"); reply[0] == '*' && reply != null {
			t.Errorf("%s: EXEC replied %q", name, reply)
		}
	}
}

// An error counts against its command and not against EXEC.
func TestErrorsInTransactionAreBlamedOnTheirCommand(t *testing.T) {
	s := newServer(t)
	a := s.join()
	a.want(t, ok, "MULTI")
	a.want(t, queued, "SET", "k", "text")
	a.want(t, queued, "INCR", "k")
	a.want(t, queued, "GET", "k")
	a.do("EXEC")
	for name, want := range map[string]int64{"incr": 1, "exec": 0, "get": 0} {
		calls, failed, rejected := s.env.Stats.Command(s.env.Table.Lookup([]byte(name)).Index)
		if calls != 1 || failed != want || rejected != 0 {
			t.Errorf("%s: %d calls, %d failed, %d rejected; want 1, %d, 0", name, calls, failed, rejected, want)
		}
	}
}
