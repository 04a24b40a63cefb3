package server

import (
	"fmt"
	"strings"
	"testing"

	"github.com/redistill-go/redistill/core/tracking"
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
		f.until("all has arrived, or is closed", func() bool {
			arrived := 0
			f.clients.conns(func(c *conn) {
				if c.account.of[kindInput].Load() >= half {
					arrived++
				}
			})
			came := f.stats.ConnectionsReceived.Load() == int64(i)+2
			return came && arrived == f.Clients().Count()-1
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

// Prefixes that a client tracks are its memory for as long as it has them, and it is
// closed for them as for anything else.
func TestPrefixesAreTheClientsMemory(t *testing.T) {
	f := newFixture(t, Options{})
	l := f.listen()
	request := func(name string, n int) string {
		args := strings.Builder{}
		fmt.Fprintf(&args, "*%d\r\n$6\r\nCLIENT\r\n$8\r\nTRACKING\r\n$2\r\nON\r\n$5\r\nBCAST\r\n", 4+2*n)
		for i := range n {
			fmt.Fprintf(&args, "$6\r\nPREFIX\r\n$8\r\n%s:%06d\r\n", name, i)
		}
		return args.String()
	}
	tracked := func() int64 { return f.accounts.of[kindTracked].Load() }
	one := f.dial(l)
	f.SetMemoryLimit(8 << 20)
	one.send(request("a", 1000))
	f.until("they are counted", func() bool { return tracked() == 1000*(tracking.PrefixCost+8) })
	one.send(request("b", 500))
	f.until("more are counted as well", func() bool { return tracked() == 1500*(tracking.PrefixCost+8) })
	one.send("CLIENT TRACKING OFF\r\n")
	f.until("none are counted any more", func() bool { return tracked() == 0 })
	one.send(request("a", 9000))
	f.until("they are counted again", func() bool { return tracked() == 9000*(tracking.PrefixCost+8) })
	for i := range 5 {
		two := f.dial(l)
		two.send(request("c", 12_000))
		f.until("whoever has most is closed", func() bool { return f.stats.EvictedClients.Load() > int64(i) })
	}
	f.until("of two that don't fit together one is left", func() bool {
		return f.accounts.total.Load() <= 8<<20 && f.shared.Env.Tracking.Totals().Clients == 1
	})
}
