package transactions_test

import (
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/command/commandtest"
)

const (
	ok     = "+OK\r\n"
	queued = "+QUEUED\r\n"
	pong   = "+PONG\r\n"
	null   = "*-1\r\n"
)

func TestWatchHearsOtherClients(t *testing.T) {
	s := newServer(t)
	a, b := s.Join(), s.Join()
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
		a.Want(t, ok, "MSET", "k", "v", "n", "1")
		a.Want(t, ok, "WATCH", "k", "n", "none")
		b.Raw(c.change...)
		b.Raw("DISCARD")
		a.Want(t, ok, "MULTI")
		a.Want(t, queued, "PING")
		want := "*1\r\n" + pong
		if c.touched {
			want = null
		}
		if got := a.Raw("EXEC"); got != want {
			t.Errorf("%s: EXEC replied %q, want %q", name, got, want)
		}
		a.Want(t, ok, "MULTI")
		a.Want(t, queued, "PING")
		a.Want(t, "*1\r\n"+pong, "EXEC")
	}
}

func TestWatchedKeyThatExpires(t *testing.T) {
	s := newServer(t)
	a, b := s.Join(), s.Join()
	for _, meet := range []bool{false, true} {
		a.Want(t, ok, "SET", "k", "v", "PX", "10")
		a.Want(t, ok, "WATCH", "k")
		a.Want(t, ok, "MULTI")
		a.Want(t, queued, "GET", "k")
		s.Now.Add(11)
		if meet {
			b.Want(t, "$-1\r\n", "GET", "k")
		}
		a.Want(t, null, "EXEC")
		// It had expired before it was watched.
		a.Want(t, ok, "SET", "k", "v", "PX", "10")
		s.Now.Add(11)
		a.Want(t, ok, "WATCH", "k")
		b.Want(t, ":0\r\n", "EXISTS", "k")
		a.Want(t, ok, "MULTI")
		a.Want(t, queued, "GET", "k")
		a.Want(t, "*1\r\n$-1\r\n", "EXEC")
	}
}

func TestEvictionTouchesWatchers(t *testing.T) {
	s := newServer(t)
	a, b := s.Join(), s.Join()
	a.Want(t, ok, "SET", "k", "v")
	a.Want(t, ok, "WATCH", "k")
	s.Env.Store.SetPolicy(commandtest.EvictsAll{})
	s.Env.Store.SetMaxMemory(100)
	b.Raw("SET", "other", "x")
	s.Env.Store.SetMaxMemory(0)
	s.Env.Store.SetPolicy(nil)
	a.Want(t, ok, "MULTI")
	a.Want(t, queued, "PING")
	a.Want(t, null, "EXEC")
}

// A client that leaves leaves nothing behind.
func TestLeavingEndsTransaction(t *testing.T) {
	s := newServer(t)
	large := strings.Repeat("x", 200_000)
	for _, end := range []string{"RESET", "QUIT", ""} {
		a := s.Join()
		a.Want(t, ok, "WATCH", "k", "l")
		a.Want(t, ok, "MULTI")
		a.Want(t, queued, "SET", "k", large)
		if a.Client.Multi() != 1 || a.Client.Watching() != 2 {
			t.Errorf("%d commands queued and %d keys watched, want 1 and 2", a.Client.Multi(), a.Client.Watching())
		}
		if end != "" {
			a.Raw(end)
		}
		if end == "RESET" && (a.Client.Multi() != -1 || a.Client.Watching() != 0) {
			t.Errorf("after RESET %d commands queued and %d keys watched", a.Client.Multi(), a.Client.Watching())
		}
		a.Leave()
		if a.Client.Multi() != -1 || a.Client.Watching() != 0 {
			t.Errorf("%s: %d commands queued and %d keys watched by a client that left", end, a.Client.Multi(), a.Client.Watching())
		}
		if n := s.Env.Store.Memory().Allocated; n != 0 {
			t.Errorf("%s: %d bytes are left", end, n)
		}
	}
}

func TestLargeArgumentsInTransaction(t *testing.T) {
	s := newServer(t)
	a := s.Join()
	x, y := strings.Repeat("x", 100_000), strings.Repeat("y", 300_000)
	bulk := commandtest.Bulk
	for _, end := range []string{"EXEC", "DISCARD"} {
		a.Want(t, ok, "MULTI")
		a.Want(t, queued, "SET", "k", x)
		a.Want(t, queued, "MSET", "k", y, "longer name", x)
		a.Want(t, queued, "APPEND", "k", x)
		a.Want(t, queued, "ECHO", y)
		a.Want(t, queued, "SET", y, x)
		a.Want(t, queued, "SETNX", "k", y)
		a.Want(t, queued, "MGET", "k", "longer name", y)
		if end == "DISCARD" {
			a.Want(t, ok, end)
		} else {
			a.Want(t, "*7\r\n"+ok+ok+":400000\r\n"+bulk(y)+ok+":0\r\n*3\r\n"+bulk(y+x)+bulk(x)+bulk(x), end)
		}
		a.Want(t, ok, "FLUSHALL")
		if n := s.Env.Store.Memory().Allocated; n != 0 {
			t.Errorf("%s: %d bytes are left", end, n)
		}
	}
}

func TestFullMemoryRefusesTransactions(t *testing.T) {
	s := newServer(t)
	a := s.Join()
	const oom = "OOM command not allowed when used memory > 'maxmemory'.\r\n"
	full := func(yes bool) {
		if s.Env.Store.SetMaxMemory(0); yes {
			s.Env.Store.SetMaxMemory(1)
		}
	}
	a.Want(t, ok, "SET", "k", "v")

	a.Want(t, ok, "MULTI")
	full(true)
	a.Want(t, queued, "GET", "k")
	a.Want(t, "-"+oom, "SET", "k", "w")
	a.Want(t, queued, "DEL", "k")
	a.Want(t, "-EXECABORT Transaction discarded because of previous errors.\r\n", "EXEC")

	// What needs no memory, and what frees it, runs in a transaction as well.
	full(false)
	a.Want(t, ":1\r\n", "HSET", "h", "f", "v")
	a.Want(t, ok, "SET", "gone", "v")
	full(true)
	a.Want(t, ok, "MULTI")
	a.Want(t, queued, "HPEXPIRE", "h", "1000", "FIELDS", "1", "f")
	a.Want(t, queued, "EXPIRE", "h", "1000")
	a.Want(t, queued, "DEL", "gone")
	a.Want(t, "*3\r\n*1\r\n:1\r\n:1\r\n:1\r\n", "EXEC")
	full(false)

	a.Want(t, ok, "MULTI")
	a.Want(t, queued, "SET", "k", "w")
	full(true)
	a.Want(t, "-EXECABORT Transaction discarded because of: "+oom, "EXEC")
	a.Want(t, "-ERR EXEC without MULTI\r\n", "EXEC")

	full(false)
	a.Want(t, ok, "MULTI")
	a.Want(t, queued, "GET", "k")
	full(true)
	a.Want(t, "*1\r\n$1\r\nv\r\n", "EXEC")
}

func TestAuthenticationInTransaction(t *testing.T) {
	s := newServer(t)
	s.Env.Auth.SetPassword("secret")
	a := s.Join()
	a.Want(t, "-NOAUTH Authentication required.\r\n", "MULTI")
	a.Want(t, "-EXECABORT Transaction discarded because of: NOAUTH Authentication required.\r\n", "EXEC")
	a.Want(t, ok, "AUTH", "secret")
	a.Want(t, ok, "MULTI")
	a.Want(t, queued, "AUTH", "wrong")
	a.Want(t, queued, "GET", "k")
	a.Want(t, "*2\r\n-WRONGPASS invalid username-password pair or user is disabled.\r\n$-1\r\n", "EXEC")
}

// A client can't make the server keep more than one request may have.
func TestQueueIsBounded(t *testing.T) {
	s := newServer(t)
	s.Shared.Limits.MaxRequest = 10_000
	a := s.Join()
	a.Want(t, ok, "MULTI")
	request := commandtest.Encode([][]byte{[]byte("SET"), []byte("k"), []byte(strings.Repeat("v", 1000))})
	for range 20 {
		if _, closed := a.Send(request); closed {
			if n := a.Client.Multi(); n < 5 || n > 10 {
				t.Errorf("closed after %d commands of 1000 bytes", n)
			}
			a.Leave()
			return
		}
	}
	t.Error("20 commands of 1000 bytes were queued where 10,000 bytes are allowed")
}

// What can't be executed any more is not kept.
func TestDoomedTransactionKeepsNothing(t *testing.T) {
	s := newServer(t)
	a, b := s.Join(), s.Join()
	for name, doom := range map[string]func(){
		"error":  func() { a.Raw("NOSUCH") },
		"change": func() { b.Raw("SET", "k", "other") },
	} {
		a.Want(t, ok, "WATCH", "k")
		a.Want(t, ok, "MULTI")
		a.Want(t, queued, "PING")
		doom()
		before := s.Env.Store.Memory().Allocated
		a.Want(t, queued, "SET", "k", strings.Repeat("x", 100_000))
		if n := a.Client.Multi(); n != 1 {
			t.Errorf("%s: %d commands are queued, want the one before", name, n)
		}
		if n := s.Env.Store.Memory().Allocated; n != before {
			t.Errorf("%s: %d bytes are kept", name, n-before)
		}
		if reply := a.Raw("EXEC"); reply[0] == '*' && reply != null {
			t.Errorf("%s: EXEC replied %q", name, reply)
		}
	}
}

// An error counts against its command and not against EXEC.
func TestErrorsInTransactionAreBlamedOnTheirCommand(t *testing.T) {
	s := newServer(t)
	a := s.Join()
	a.Want(t, ok, "MULTI")
	a.Want(t, queued, "SET", "k", "text")
	a.Want(t, queued, "INCR", "k")
	a.Want(t, queued, "GET", "k")
	a.Raw("EXEC")
	for name, want := range map[string]int64{"incr": 1, "exec": 0, "get": 0} {
		calls, failed, rejected := s.Env.Stats.Command(s.Env.Table.Lookup([]byte(name)).Index)
		if calls != 1 || failed != want || rejected != 0 {
			t.Errorf("%s: %d calls, %d failed, %d rejected; want 1, %d, 0", name, calls, failed, rejected, want)
		}
	}
}
