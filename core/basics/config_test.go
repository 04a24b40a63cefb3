package basics_test

import "testing"

func TestConfig(t *testing.T) {
	s := newServer(t)
	for _, x := range []struct {
		args  []string
		reply string
	}{
		{[]string{"CONFIG", "SET", "maxmemory", "1mb", "requirepass", "a b"}, "+OK\n"},
		{[]string{"CONFIG", "GET", "maxmemory*", "Requirepass", "require*"},
			"*6\n$9\nmaxmemory\n$3\n1mb\n$16\nmaxmemory-policy\n$10\nnoeviction\n$11\nRequirepass\n$3\na b\n"},
		{[]string{"CONFIG", "SET", "fixed", "2"},
			"-ERR CONFIG SET failed (possibly related to argument 'fixed') - can't set immutable config\n"},
		{[]string{"CONFIG", "SET", "maxmemory", "2mb", "requirepass"}, "-ERR syntax error\n"},
		{[]string{"CONFIG", "GET", "maxmemory"}, "*2\n$9\nmaxmemory\n$3\n1mb\n"},
		{[]string{"CONFIG", "GET", "[d]atabase?"}, "*2\n$9\ndatabases\n$1\n1\n"},
	} {
		if got := s.Do(x.args...); got != x.reply {
			t.Errorf("%q:\n got %q\nwant %q", x.args, got, x.reply)
		}
	}
}
