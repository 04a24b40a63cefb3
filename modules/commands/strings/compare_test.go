package strings_test

import (
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/command/commandtest"
)

// hello is the digest of "Hello world" that Redis documents.
const hello = "b6acb9d84a38ff74"

func TestCompareAndSet(t *testing.T) {
	const wrongType = "-WRONGTYPE Operation against a key holding the wrong kind of value\n"
	newServer(t).Walk(t, []commandtest.Step{
		{0, []string{"SET", "k", "Hello world"}, "+OK\n"},
		{0, []string{"DIGEST", "k"}, "$16\n" + hello + "\n"},
		{0, []string{"DIGEST", "none"}, "$-1\n"},
		{0, []string{"SET", "short", "v28"}, "+OK\n"},

		// A key that is not there is equal to nothing.
		{0, []string{"SET", "new", "v", "IFEQ", ""}, "$-1\n"},
		{0, []string{"SET", "new", "v", "IFDEQ", hello}, "$-1\n"},
		{0, []string{"SET", "new", "v", "IFDEQ", "bad"}, "$-1\n"},
		{0, []string{"EXISTS", "new"}, ":0\n"},
		{0, []string{"SET", "new", "v", "IFNE", ""}, "+OK\n"},
		{0, []string{"SET", "new2", "v", "IFDNE", hello}, "+OK\n"},
		{0, []string{"MGET", "new", "new2"}, "*2\n$1\nv\n$1\nv\n"},

		{0, []string{"SET", "k", "v1", "IFEQ", "hello world"}, "$-1\n"},
		{0, []string{"SET", "k", "v1", "ifeq", "Hello world"}, "+OK\n"},
		{0, []string{"SET", "k", "v2", "IFNE", "v1"}, "$-1\n"},
		{0, []string{"SET", "k", "v2", "IFNE", "v"}, "+OK\n"},
		{0, []string{"SET", "k", "v3", "IFEQ", "v2", "GET", "EX", "100"}, "$2\nv2\n"},
		{0, []string{"TTL", "k"}, ":100\n"},
		{0, []string{"SET", "k", "v4", "GET", "IFEQ", "v2"}, "$2\nv3\n"},
		{0, []string{"SET", "k", "v4", "KEEPTTL", "IFNE", "v2"}, "+OK\n"},
		{0, []string{"TTL", "k"}, ":100\n"},
		{0, []string{"SET", "no", "v", "IFEQ", "v2", "GET"}, "$-1\n"},
		{0, []string{"EXISTS", "no"}, ":0\n"},
		{0, []string{"SET", "k", "Hello world"}, "+OK\n"},
		{0, []string{"SET", "k", "w", "IFDEQ", "0000000000000000"}, "$-1\n"},
		{0, []string{"SET", "k", "w", "IFDNE", hello}, "$-1\n"},
		{0, []string{"SET", "k", "Hello world", "IFDNE", "0000000000000000"}, "+OK\n"},
		{0, []string{"SET", "k", "w", "IFDEQ", "B6ACB9D84A38FF74"}, "+OK\n"},
		{0, []string{"GET", "k"}, "$1\nw\n"},
		{0, []string{"SET", "k", "x", "IFDEQ", "b6acb9d84a38ff7"}, "-ERR must be exactly 16 hexadecimal characters\n"},
		{0, []string{"SET", "k", "x", "GET", "IFDNE", "b6acb9d84a38ff740"}, "-ERR must be exactly 16 hexadecimal characters\n"},
		{0, []string{"GET", "k"}, "$1\nw\n"},

		{0, []string{"SET", "k", "x", "IFEQ"}, "-ERR syntax error\n"},
		{0, []string{"SET", "k", "x", "IFEQ", "w", "NX"}, "-ERR syntax error\n"},
		{0, []string{"SET", "k", "x", "XX", "IFEQ", "w"}, "-ERR syntax error\n"},
		{0, []string{"SET", "k", "x", "IFEQ", "w", "IFNE", "x"}, "-ERR syntax error\n"},
		{0, []string{"SET", "k", "x", "IFDEQ", hello, "IFEQ", "x"}, "-ERR syntax error\n"},
		{0, []string{"GETEX", "k", "IFEQ", "w"}, "-ERR syntax error\n"},

		{0, []string{"HSET", "h", "f", "v"}, ":1\n"},
		{0, []string{"SET", "h", "v", "IFEQ", "v"}, wrongType},
		{0, []string{"SET", "h", "v", "IFNE", "v", "GET"}, wrongType},
		{0, []string{"SET", "h", "v", "IFDEQ", "bad"}, wrongType},
		{0, []string{"DIGEST", "h"}, wrongType},
		{0, []string{"TYPE", "h"}, "+hash\n"},
	})
}

func TestCompareAndDelete(t *testing.T) {
	newServer(t).Walk(t, []commandtest.Step{
		{0, []string{"SET", "k", "Hello world"}, "+OK\n"},
		{0, []string{"DELEX", "k", "IFEQ", "x"}, ":0\n"},
		{0, []string{"DELEX", "k", "IFNE", "Hello world"}, ":0\n"},
		{0, []string{"DELEX", "k", "IFDEQ", "0000000000000000"}, ":0\n"},
		{0, []string{"DELEX", "k", "IFDNE", hello}, ":0\n"},
		{0, []string{"DELEX", "k", "IFDEQ", hello[1:]}, "-ERR must be exactly 16 hexadecimal characters\n"},
		{0, []string{"DELEX", "k", "NOPE", "x"}, "-ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE\n"},
		{0, []string{"DELEX", "k", "IFEQ"}, "-ERR wrong number of arguments for 'delex' command\n"},
		{0, []string{"DELEX", "none", "IFEQ"}, "-ERR wrong number of arguments for 'delex' command\n"},
		{0, []string{"DELEX", "k", "IFEQ", "Hello world", "x"}, "-ERR wrong number of arguments for 'delex' command\n"},
		{0, []string{"DELEX", "none", "NOPE", "x"}, ":0\n"},
		{0, []string{"DELEX", "none", "IFNE", "x"}, ":0\n"},
		{0, []string{"DELEX", "k", "ifeq", "Hello world"}, ":1\n"},
		{0, []string{"SET", "k", "Hello world"}, "+OK\n"},
		{0, []string{"DELEX", "k", "IFNE", ""}, ":1\n"},
		{0, []string{"SET", "k", "Hello world"}, "+OK\n"},
		{0, []string{"DELEX", "k", "IFDEQ", "B6acb9d84a38ff74"}, ":1\n"},
		{0, []string{"SET", "k", "Hello world"}, "+OK\n"},
		{0, []string{"DELEX", "k", "IFDNE", "zzzzzzzzzzzzzzzz"}, ":1\n"},
		{0, []string{"SET", "k", "v"}, "+OK\n"},
		{0, []string{"DELEX", "k"}, ":1\n"},
		{0, []string{"DELEX", "k"}, ":0\n"},
		{0, []string{"HSET", "h", "f", "v"}, ":1\n"},
		{0, []string{"DELEX", "h", "NOPE", "x"}, "-ERR Key should be of string type if conditions are specified\n"},
		{0, []string{"DELIFEQ", "h", "v"}, "-WRONGTYPE Operation against a key holding the wrong kind of value\n"},
		{0, []string{"DELEX", "h"}, ":1\n"},

		{0, []string{"SET", "lock", "token", "PX", "10"}, "+OK\n"},
		{0, []string{"DELIFEQ", "lock", "other"}, ":0\n"},
		{0, []string{"DELIFEQ", "lock", "token"}, ":1\n"},
		{0, []string{"DELIFEQ", "lock", "token"}, ":0\n"},
		{0, []string{"SET", "lock", "token", "PX", "10"}, "+OK\n"},
		{11, []string{"DELIFEQ", "lock", "token"}, ":0\n"},
	})
}

func TestMSetEx(t *testing.T) {
	newServer(t).Walk(t, []commandtest.Step{
		{0, []string{"MSETEX", "2", "a", "1", "b", "2", "EX", "100"}, ":1\n"},
		{0, []string{"MGET", "a", "b"}, "*2\n$1\n1\n$1\n2\n"},
		{0, []string{"PTTL", "b"}, ":100000\n"},
		{0, []string{"MSETEX", "2", "c", "3", "b", "4", "NX"}, ":0\n"},
		{0, []string{"EXISTS", "c"}, ":0\n"},
		{0, []string{"MSETEX", "2", "c", "3", "b", "4", "XX"}, ":0\n"},
		{0, []string{"MSETEX", "2", "a", "3", "b", "4", "XX", "KEEPTTL"}, ":1\n"},
		{0, []string{"MGET", "a", "b"}, "*2\n$1\n3\n$1\n4\n"},
		{0, []string{"PTTL", "a"}, ":100000\n"},
		{0, []string{"MSETEX", "2", "a", "3", "d", "4", "KEEPTTL"}, ":1\n"},
		{0, []string{"PTTL", "d"}, ":-1\n"},
		{0, []string{"PTTL", "a"}, ":100000\n"},
		{0, []string{"MSETEX", "1", "a", "5", "PXAT", "9999999999999", "xx"}, ":1\n"},
		{0, []string{"PEXPIRETIME", "a"}, ":9999999999999\n"},
		{0, []string{"MSETEX", "1", "a", "5"}, ":1\n"},
		{0, []string{"PTTL", "a"}, ":-1\n"},
		{0, []string{"MSETEX", "2", "e", "1", "f", "2", "PX", "10", "NX"}, ":1\n"},
		{11, []string{"EXISTS", "e", "f"}, ":0\n"},
		{11, []string{"MSETEX", "2", "e", "1", "e", "2"}, ":1\n"},
		{11, []string{"GET", "e"}, "$1\n2\n"},
		{11, []string{"HSET", "h", "f", "v"}, ":1\n"},
		{11, []string{"MSETEX", "1", "h", "v", "EXAT", "9999999999"}, ":1\n"},
		{11, []string{"GET", "h"}, "$1\nv\n"},
		{11, []string{"MSETEX", "0", "a", "1"}, "-ERR invalid numkeys value\n"},
		{11, []string{"MSETEX", "-1", "a", "1"}, "-ERR invalid numkeys value\n"},
		{11, []string{"MSETEX", "a", "a", "1"}, "-ERR invalid numkeys value\n"},
		{11, []string{"MSETEX", "2147483648", "a", "1"}, "-ERR invalid numkeys value\n"},
		{11, []string{"MSETEX", "2147483647", "a", "1"}, "-ERR wrong number of key-value pairs\n"},
		{11, []string{"MSETEX", "2", "a", "1", "b"}, "-ERR wrong number of key-value pairs\n"},
		{11, []string{"MSETEX", "1", "a", "1", "b", "2"}, "-ERR syntax error\n"},
		{11, []string{"MSETEX", "1", "a", "1", "GET"}, "-ERR syntax error\n"},
		{11, []string{"MSETEX", "1", "a", "1", "NX", "XX"}, "-ERR syntax error\n"},
		{11, []string{"MSETEX", "1", "a", "1", "EX", "1", "KEEPTTL"}, "-ERR syntax error\n"},
		{11, []string{"MSETEX", "1", "a", "1", "EX"}, "-ERR syntax error\n"},
		{11, []string{"MSETEX", "1", "a", "1", "EX", "x"}, "-ERR value is not an integer or out of range\n"},
		{11, []string{"MSETEX", "1", "a", "1", "EX", "0"}, "-ERR invalid expire time in 'msetex' command\n"},
		{11, []string{"MSETEX", "1", "a"}, "-ERR wrong number of arguments for 'msetex' command\n"},
	})
}

func TestKeysOfMSetEx(t *testing.T) {
	s := newServer(t)
	for args, want := range map[string]string{
		"2 a 1 b 2 NX EX 5":       "*2\n$1\na\n$1\nb\n",
		"1 a 1":                   "*1\n$1\na\n",
		"2 a 1":                   "-ERR Invalid arguments specified for command\n",
		"0 a 1":                   "-ERR Invalid arguments specified for command\n",
		"x a 1":                   "-ERR Invalid arguments specified for command\n",
		"9223372036854775807 a 1": "-ERR Invalid arguments specified for command\n",
	} {
		if got := s.Do(append([]string{"COMMAND", "GETKEYS", "MSETEX"}, strings.Fields(args)...)...); got != want {
			t.Errorf("%s: %q, want %q", args, got, want)
		}
	}
}
