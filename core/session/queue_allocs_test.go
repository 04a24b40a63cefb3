//go:build !race

// With the race detector, pools forget things on purpose.

package session

import (
	"bytes"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/stats"
)

// A transaction of small commands allocates nothing, once what is reused is
// there.
func TestTransactionAllocatesNothing(t *testing.T) {
	s := newServer(t, setup{})
	s.env.Stats.Slowlog.SetThreshold(stats.Never) // a command that the machine holds up is entered
	c := s.connect()
	c.do("SET", "key", strings.Repeat("v", 256))
	input := encodeAll([]string{"MULTI"}, []string{"SET", "key", strings.Repeat("w", 256)}, []string{"GET", "key"},
		[]string{"EXPIRE", "key", "100"}, []string{"INCR", "n"}, []string{"MGET", "key", "n"}, []string{"EXEC"})
	wrong := 0
	run := func() {
		c.ws.Filled(copy(c.ws.ReadBuf(), input))
		next := c.Run(c.ws)
		if b, plain := c.ws.Plain(); next != Read || !plain || !bytes.HasPrefix(b, []byte("+OK\r\n+QUEUED\r\n")) || !bytes.Contains(b, []byte("\r\n*5\r\n+OK\r\n$256\r\n")) {
			wrong++
		}
		c.Sent(c.ws)
		s.pool.Put(c.ws) // used again below, whatever the pool does with it
	}
	run()
	// The garbage collector empties pools now and then.
	if got := testing.AllocsPerRun(100, run); got >= 1 {
		t.Errorf("%v allocations", got)
	}
	if wrong > 0 {
		t.Errorf("%d wrong replies", wrong)
	}
}
