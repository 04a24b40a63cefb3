package allcommands_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/command/commandtest"
	"github.com/redistill-go/redistill/core/store"
)

// Values long enough to be pointed at instead of copied into the reply.
func TestLargeValues(t *testing.T) {
	s := newServer(t)
	const n = 3 * store.PinMin
	a, b := strings.Repeat("a", n), strings.Repeat("b", n)
	bulk := func(v string) string { return commandtest.Show(commandtest.Encode([][]byte{[]byte(v)}))[len("*1\n"):] }
	for _, x := range []struct {
		args  []string
		reply string
	}{
		{[]string{"SET", "k", a}, "+OK\n"},
		{[]string{"GET", "k"}, bulk(a)},
		{[]string{"GETSET", "k", b}, bulk(a)},
		{[]string{"SET", "k", a, "GET"}, bulk(b)},
		{[]string{"MGET", "k", "k"}, "*2\n" + bulk(a) + bulk(a)},
		{[]string{"GETRANGE", "k", "1", "-2"}, bulk(a[:n-2])},
		{[]string{"GETRANGE", "k", "0", "3"}, "$4\naaaa\n"},
		{[]string{"SETRANGE", "k", "0", "x"}, ":196608\n"},
		{[]string{"APPEND", "k", "yz"}, ":196610\n"},
		{[]string{"GETEX", "k", "EX", "10"}, bulk("x" + a[1:] + "yz")},
		{[]string{"GETDEL", "k"}, bulk("x" + a[1:] + "yz")},
		{[]string{"EXISTS", "k"}, ":0\n"},
		{[]string{"HSET", "h", "a", a, "b", b}, ":2\n"},
		{[]string{"HGET", "h", "a"}, bulk(a)},
		{[]string{"HMGET", "h", "b", "none", "a"}, "*3\n" + bulk(b) + "$-1\n" + bulk(a)},
		{[]string{"HGETALL", "h"}, "*4\n$1\na\n" + bulk(a) + "$1\nb\n" + bulk(b)},
		{[]string{"HGETDEL", "h", "FIELDS", "2", "a", "none"}, "*2\n" + bulk(a) + "$-1\n"},
		{[]string{"HGETEX", "h", "EX", "10", "FIELDS", "1", "b"}, "*1\n" + bulk(b)},
		{[]string{"HSTRLEN", "h", "b"}, ":" + strconv.Itoa(n) + "\n"},
		{[]string{"HLEN", "h"}, ":1\n"},
	} {
		if got := s.Do(x.args...); got != x.reply {
			t.Errorf("%.20q: got %d bytes %.40q, want %d bytes %.40q", x.args, len(got), got, len(x.reply), x.reply)
		}
	}
}

// A reply that was begun is taken back when the write fails, so that there is
// one reply still.
func TestNoMemory(t *testing.T) {
	st, err := store.New(store.Options{Shards: 1, Reserve: 64 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	s := newServer(t)
	s.Env.Store = st
	// The old value is long enough to be pointed at in a reply, the new one
	// short enough to need a block only when it is written.
	old, value := strings.Repeat("o", 2*store.PinMin), strings.Repeat("v", store.PinMin-1)
	if got := s.Do("SET", "k", old); got != "+OK\n" {
		t.Fatalf("SET: %q", got)
	}
	if got := s.Do("HSET", "h", "f", "v"); got != ":1\n" {
		t.Fatalf("HSET: %q", got)
	}
	keys := 2
	for s.Do("SET", "fill:"+strconv.Itoa(keys), value) == "+OK\n" {
		if keys++; keys > 1000 {
			t.Fatal("memory never runs out")
		}
	}
	for _, args := range [][]string{
		{"SET", "k", value, "GET"}, {"GETSET", "k", value}, {"SET", "new", value}, {"SETNX", "new", value},
		{"SETEX", "new", "9", value}, {"MSET", "new", value}, {"MSETNX", "new", value}, {"APPEND", "new", value},
		{"APPEND", "k", value}, {"SETRANGE", "new", "0", value}, {"SETRANGE", "k", "200000", value},
		{"HSET", "h", "f", value}, {"HSET", "h", "a", "1", "f", "2", "g", value}, {"HMSET", "new", "f", "1", "g", value}, {"HSETNX", "h", "g", value},
		{"HSETEX", "h", "FIELDS", "2", "f", "3", "g", value},
	} {
		if got := s.Do(args...); !strings.HasPrefix(got, "-OOM ") || strings.Count(got, "\n") != 1 {
			t.Errorf("%.20q: got %.60q", args, got)
		}
	}
	// Several keys are all set or none, wherever it ends.
	request := []string{"MSET", "k", "x"}
	for i := range 100 {
		request = append(request, "many:"+strconv.Itoa(i), value)
	}
	if got := s.Do(request...); !strings.HasPrefix(got, "-OOM ") {
		t.Errorf("MSET of many: got %.60q", got)
	}
	if got := s.Do("HGETALL", "h"); got != "*2\n$1\nf\n$1\nv\n" {
		t.Errorf("the hash is not what it was: %q", got)
	}
	if got := s.Do("STRLEN", "k"); got != ":"+strconv.Itoa(len(old))+"\n" {
		t.Errorf("the old value is gone: STRLEN is %q", got)
	}
	if got := s.Do("DBSIZE"); got != ":"+strconv.Itoa(keys)+"\n" {
		t.Errorf("DBSIZE is %q, want %d", got, keys)
	}
}
