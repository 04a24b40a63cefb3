package allcommands_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/command/commandtest"
	"github.com/redistill-go/redistill/core/stats"
)

// The commands of a cache's daily work allocate nothing between the bytes of
// the request and the bytes of the reply.
func TestHotCommandsDoNotAllocate(t *testing.T) {
	s := newServer(t)
	s.Env.Stats.Slowlog.SetThreshold(stats.Never) // a command that the machine holds up is entered
	s.Do("SET", "n", "1")
	s.Do("SET", "key", strings.Repeat("v", 256))
	s.Do("HSET", "hash", "field", "value", "n", "1", "other", "value")
	for i := range 1000 {
		s.Do("HSET", "large", "field:"+strconv.Itoa(i), "value")
	}
	for _, c := range []struct {
		request []string
		reply   string
	}{
		{[]string{"GET", "key"}, "$256\r\n"},
		{[]string{"GET", "none"}, "$-1\r\n"},
		{[]string{"SET", "key", strings.Repeat("w", 256)}, "+OK\r\n"},
		{[]string{"SET", "key", strings.Repeat("w", 256), "EX", "100"}, "+OK\r\n"},
		{[]string{"SET", "key", "v", "NX"}, "$-1\r\n"},
		{[]string{"INCR", "n"}, ":"},
		{[]string{"INCRBY", "n", "1000"}, ":"},
		{[]string{"EXPIRE", "key", "100"}, ":1\r\n"},
		{[]string{"EXPIRE", "key", "100", "NX"}, ":0\r\n"},
		{[]string{"EXISTS", "key"}, ":1\r\n"},
		{[]string{"EXISTS", "key", "n", "none"}, ":2\r\n"},
		{[]string{"MGET", "key", "n", "none"}, "*3\r\n"},
		{[]string{"TTL", "key"}, ":100\r\n"},
		{[]string{"HGET", "hash", "field"}, "$5\r\n"},
		{[]string{"HGET", "large", "field:500"}, "$5\r\n"},
		{[]string{"HGET", "large", "none"}, "$-1\r\n"},
		{[]string{"HSET", "hash", "field", "other"}, ":0\r\n"},
		{[]string{"HSET", "large", "field:7", "longer value"}, ":0\r\n"},
		{[]string{"HSET", "hash", "field", "a", "other", "b"}, ":0\r\n"},
		{[]string{"HMGET", "hash", "field", "other"}, "*2\r\n"},
		{[]string{"HINCRBY", "hash", "n", "1"}, ":"},
		{[]string{"HEXISTS", "hash", "field"}, ":1\r\n"},
		{[]string{"HLEN", "large"}, ":1000\r\n"},
		{[]string{"MSET", "key", strings.Repeat("w", 256), "n", "1"}, "+OK\r\n"},
		{[]string{"SET", "key", "v", "IFEQ", "other"}, "$-1\r\n"},
		{[]string{"DELIFEQ", "key", "other"}, ":0\r\n"},
		{[]string{"GETBIT", "key", "100"}, ":"},
		{[]string{"SETBIT", "key", "100", "1"}, ":"},
		{[]string{"BITCOUNT", "key"}, ":"},
		{[]string{"PING"}, "+PONG\r\n"},
	} {
		args := make([][]byte, len(c.request))
		for i, a := range c.request {
			args[i] = []byte(a)
		}
		request := commandtest.Encode(args)
		wrong := 0
		run := func() {
			s.Workspace.Filled(copy(s.Workspace.ReadBuf(), request))
			s.Run(s.Workspace)
			if out, _ := s.Workspace.Plain(); !strings.HasPrefix(string(out[:min(len(out), 16)]), c.reply) {
				wrong++
			}
			s.Sent(s.Workspace)
		}
		run() // buffers that are kept are made once
		if n := testing.AllocsPerRun(200, run); n != 0 {
			t.Errorf("%v: %v allocations", c.request[:2], n)
		}
		if wrong > 0 {
			t.Errorf("%v: %d replies do not begin with %q", c.request, wrong, c.reply)
		}
	}
}
