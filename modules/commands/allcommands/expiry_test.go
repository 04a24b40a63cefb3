package allcommands_test

import "testing"

// step is a request at a moment, and its reply.
type step struct {
	at    int64 // ms since the test began
	args  []string
	reply string
}

func (s *server) walk(t *testing.T, steps []step) {
	t.Helper()
	start := s.now.Load()
	for _, x := range steps {
		s.now.Store(start + x.at)
		if got := s.do(x.args...); got != x.reply {
			t.Errorf("after %d ms %q: got %q, want %q", x.at, x.args, got, x.reply)
		}
	}
}

func TestKeysExpire(t *testing.T) {
	newServer(t).walk(t, []step{
		{0, []string{"SET", "k", "v", "PX", "1000"}, "+OK\n"},
		{0, []string{"PTTL", "k"}, ":1000\n"},
		{400, []string{"TTL", "k"}, ":1\n"},
		{501, []string{"TTL", "k"}, ":0\n"},
		{600, []string{"PTTL", "k"}, ":400\n"},
		{1000, []string{"GET", "k"}, "$1\nv\n"}, // there until its last millisecond is over
		{1001, []string{"GET", "k"}, "$-1\n"},
		{1001, []string{"TTL", "k"}, ":-2\n"},
		{1001, []string{"DBSIZE"}, ":0\n"},
	})
}

// For every command that looks a key up, an expired one is not there.
func TestExpiredKeysAreNotThere(t *testing.T) {
	for _, c := range []struct {
		args  []string
		reply string
	}{
		{[]string{"GET", "k"}, "$-1\n"},
		{[]string{"GETEX", "k"}, "$-1\n"},
		{[]string{"GETDEL", "k"}, "$-1\n"},
		{[]string{"GETSET", "k", "w"}, "$-1\n"},
		{[]string{"SET", "k", "w", "GET"}, "$-1\n"},
		{[]string{"SET", "k", "w", "XX"}, "$-1\n"},
		{[]string{"SET", "k", "w", "NX"}, "+OK\n"},
		{[]string{"SETNX", "k", "w"}, ":1\n"},
		{[]string{"MSETNX", "k", "w"}, ":1\n"},
		{[]string{"MGET", "k"}, "*1\n$-1\n"},
		{[]string{"STRLEN", "k"}, ":0\n"},
		{[]string{"APPEND", "k", "w"}, ":1\n"},
		{[]string{"GETRANGE", "k", "0", "-1"}, "$0\n\"\"\n"},
		{[]string{"SETRANGE", "k", "1", "w"}, ":2\n"},
		{[]string{"INCR", "k"}, ":1\n"},
		{[]string{"INCRBYFLOAT", "k", "1.5"}, "$3\n1.5\n"},
		{[]string{"DEL", "k"}, ":0\n"},
		{[]string{"EXISTS", "k"}, ":0\n"},
		{[]string{"EXISTS", "k", "k"}, ":0\n"},
		{[]string{"TOUCH", "k"}, ":0\n"},
		{[]string{"TYPE", "k"}, "+none\n"},
		{[]string{"EXPIRE", "k", "10"}, ":0\n"},
		{[]string{"PERSIST", "k"}, ":0\n"},
		{[]string{"TTL", "k"}, ":-2\n"},
		{[]string{"PEXPIRETIME", "k"}, ":-2\n"},
		{[]string{"KEYS", "*"}, "*0\n"},
		{[]string{"SCAN", "0", "COUNT", "1000"}, "*2\n$1\n0\n*0\n"},
		{[]string{"RANDOMKEY"}, "$-1\n"},
	} {
		newServer(t).walk(t, []step{
			{0, []string{"SET", "k", "7", "PX", "10"}, "+OK\n"},
			{11, c.args, c.reply},
		})
	}
}

// What writes a new value drops the expiry, what changes a value keeps it.
func TestWhatKeepsTheExpiry(t *testing.T) {
	for _, c := range []struct {
		args []string
		pttl string
	}{
		{[]string{"SET", "k", "1"}, ":-1\n"},
		{[]string{"SET", "k", "1", "KEEPTTL"}, ":1000\n"},
		{[]string{"SET", "k", "1", "EX", "5"}, ":5000\n"},
		{[]string{"SET", "k", "1", "NX"}, ":1000\n"},
		{[]string{"GETSET", "k", "1"}, ":-1\n"},
		{[]string{"MSET", "k", "1"}, ":-1\n"},
		{[]string{"GETEX", "k"}, ":1000\n"},
		{[]string{"GETEX", "k", "PERSIST"}, ":-1\n"},
		{[]string{"GETEX", "k", "PX", "7"}, ":7\n"},
		{[]string{"APPEND", "k", "0"}, ":1000\n"},
		{[]string{"SETRANGE", "k", "3", "0"}, ":1000\n"},
		{[]string{"INCR", "k"}, ":1000\n"},
		{[]string{"INCRBY", "k", "1000000"}, ":1000\n"},
		{[]string{"INCRBYFLOAT", "k", "0.5"}, ":1000\n"},
		{[]string{"PERSIST", "k"}, ":-1\n"},
		{[]string{"PEXPIRE", "k", "2000", "LT"}, ":1000\n"},
		{[]string{"PEXPIRE", "k", "2000", "GT"}, ":2000\n"},
	} {
		s := newServer(t)
		s.do("SET", "k", "1", "PX", "1000")
		s.do(c.args...)
		if got := s.do("PTTL", "k"); got != c.pttl {
			t.Errorf("after %q: PTTL is %q, want %q", c.args, got, c.pttl)
		}
	}
}
