package keys_test

import (
	"testing"

	"github.com/redistill-go/redistill/core/command/commandtest"
)

func TestKeysExpire(t *testing.T) {
	newServer(t).Walk(t, []commandtest.Step{
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
		newServer(t).Walk(t, []commandtest.Step{
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
		s.Do("SET", "k", "1", "PX", "1000")
		s.Do(c.args...)
		if got := s.Do("PTTL", "k"); got != c.pttl {
			t.Errorf("after %q: PTTL is %q, want %q", c.args, got, c.pttl)
		}
	}
}
