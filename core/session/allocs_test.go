package session

import (
	"bytes"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/stats"
)

// The commands of a cache's daily work allocate nothing between the bytes of
// the request and the bytes of the reply, not even in a workspace that comes
// from the pool for each batch.
func TestNoAllocations(t *testing.T) {
	for _, x := range []struct {
		args  []string
		reply string
	}{
		{[]string{"GET", "key"}, bulk(strings.Repeat("v", 256))},
		{[]string{"GET", "none"}, "$-1\r\n"},
		{[]string{"SET", "key", strings.Repeat("v", 256)}, "+OK\r\n"},
		{[]string{"SET", "key", strings.Repeat("v", 256), "EX", "100"}, "+OK\r\n"},
		{[]string{"INCR", "n"}, ":"},
		{[]string{"EXPIRE", "key", "100"}, ":1\r\n"},
		{[]string{"EXISTS", "key"}, ":1\r\n"},
		{[]string{"DEL", "none"}, ":0\r\n"},
		{[]string{"PING"}, "+PONG\r\n"},
		{[]string{"HGET", "hash", "field"}, "$5\r\nvalue\r\n"},
		{[]string{"HGETALL", "hash"}, "*2\r\n$5\r\nfield\r\n$5\r\nvalue\r\n"},
		{[]string{"MGET", "key", "none"}, "*2\r\n$256\r\n"},
	} {
		for _, n := range []int{1, 30, 100} {
			s := newServer(t, setup{})
			s.env.Stats.Slowlog.SetThreshold(stats.Never) // a command that the machine holds up is entered
			c := s.connect()
			c.do("SET", "key", strings.Repeat("v", 256))
			c.do("SET", "n", "1000000000000")
			c.do("HSET", "hash", "field", "value")
			input := bytes.Repeat(encode(x.args...), n)
			wrong := 0
			run := func() {
				c.ws.Filled(copy(c.ws.ReadBuf(), input))
				next := c.Run(c.ws)
				b, plain := c.ws.Plain()
				if next != Read || !plain || !bytes.HasPrefix(b, []byte(x.reply)) || bytes.Count(b, []byte{x.reply[0]}) < n {
					wrong++
				}
				c.Sent(c.ws)
				c.Settle(c.ws)
				s.pool.Put(c.ws)
				c.ws = s.pool.Get()
				c.Resume(c.ws)
			}
			run() // buffers that are kept are made once
			if got := testing.AllocsPerRun(100, run); got != 0 {
				t.Errorf("%d x %.2q: %v allocations", n, x.args, got)
			}
			if wrong > 0 {
				t.Errorf("%d x %.2q: %d wrong replies", n, x.args, wrong)
			}
		}
	}
}
