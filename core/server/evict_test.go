package server

import (
	"strings"
	"testing"
)

// Over the limit of all clients those that hold most are closed, no more of them
// than must be, and the accounts are right at any time.
func TestClientsThatHoldMostAreClosed(t *testing.T) {
	f := newFixture(t, Options{})
	l := f.listen()
	small := f.dial(l)
	small.do("PING", "+PONG\r\n")
	f.SetMemoryLimit(8 << 20)
	const half = 600_000
	for i := range 100 {
		p := f.dial(l)
		p.send("*1000\r\n$3\r\nDEL\r\n" + strings.Repeat("$994\r\n"+strings.Repeat("x", 994)+"\r\n", half/1000))
		f.until("it has arrived, or is closed", func() bool {
			return f.accounts.of[kindInput].Load() >= min(int64(i), 10)*half
		})
		// A client is counted a moment before room is made for it.
		f.until("all hold no more than they may", func() bool { return f.accounts.total.Load() <= 8<<20 })
	}
	f.until("the accounts are those of the clients that are left", func() bool {
		sum := int64(0)
		f.clients.conns(func(c *conn) { sum += c.account.sum() })
		return sum == f.accounts.total.Load()
	})
	small.do("PING", "+PONG\r\n")
	// Where a closed one ends late, the next one's part counts as well.
	if n := f.stats.EvictedClients.Load(); n < 80 || n > 95 {
		t.Errorf("%d clients were closed of 100, of which 8 to 13 fit", n)
	}
}
