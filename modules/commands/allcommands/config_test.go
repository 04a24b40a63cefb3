package allcommands_test

import (
	"errors"
	"testing"
)

// fakeConfig is a configuration in which anything can be set but "fixed".
type fakeConfig struct{ pairs [][2]string }

func newFakeConfig() *fakeConfig {
	return &fakeConfig{[][2]string{
		{"databases", "1"}, {"maxmemory", "0"}, {"maxmemory-policy", "noeviction"}, {"requirepass", ""}, {"fixed", "1"},
	}}
}

func (f *fakeConfig) Get(match func(name string) bool, visit func(name, value string)) {
	for _, p := range f.pairs {
		if match(p[0]) {
			visit(p[0], p[1])
		}
	}
}

func (f *fakeConfig) Set(pairs [][2]string) error {
	for _, p := range pairs {
		if p[0] == "fixed" {
			return errors.New("ERR CONFIG SET failed (possibly related to argument 'fixed') - can't set immutable config")
		}
		for i := range f.pairs {
			if f.pairs[i][0] == p[0] {
				f.pairs[i][1] = p[1]
			}
		}
	}
	return nil
}

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
		if got := s.do(x.args...); got != x.reply {
			t.Errorf("%q:\n got %q\nwant %q", x.args, got, x.reply)
		}
	}
}
