package transactions_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/redistill-go/redistill/core/command/commandtest"
)

const (
	accounts = 12
	balance  = 1000
	rounds   = 400
)

func account(i int) string { return "account" + strconv.Itoa(i) }

// numbers returns the bulk strings of a reply as numbers.
func numbers(t testing.TB, reply string) (list []int) {
	for line := range strings.SplitSeq(reply, "\r\n") {
		if line == "" || line[0] == '*' || line[0] == '$' {
			continue
		}
		n, err := strconv.Atoi(line)
		if err != nil {
			t.Errorf("%q is not a number, in %q", line, reply)
		}
		list = append(list, n)
	}
	return list
}

// bank is a server with accounts between which clients move amounts.
func newBank(t testing.TB) (s *commandtest.Server, all []string) {
	s = newServer(t)
	for i := range accounts {
		s.Do("SET", account(i), strconv.Itoa(balance))
		all = append(all, account(i))
	}
	return s, all
}

// audit reads all accounts at once, in this way or that, until done.
func audit(t *testing.T, s *commandtest.Server, all []string, transaction bool, done *atomic.Bool) {
	p := s.Join()
	defer p.Leave()
	for !done.Load() {
		reply := ""
		if transaction {
			p.Raw("MULTI")
			for _, a := range all {
				p.Raw("GET", a)
			}
			reply = p.Raw("EXEC")
		} else {
			reply = p.Raw(append([]string{"MGET"}, all...)...)
		}
		sum := 0
		for _, n := range numbers(t, reply) {
			sum += n
		}
		if sum != accounts*balance {
			t.Errorf("the sum is %d, want %d (in a transaction: %v)", sum, accounts*balance, transaction)
			return
		}
	}
}

// movers runs clients that move amounts while auditors look on.
func movers(t *testing.T, s *commandtest.Server, all []string, move func(p *commandtest.Conn, rnd *rand.Rand)) {
	var working, watching sync.WaitGroup
	var done atomic.Bool
	for _, transaction := range []bool{false, true} {
		watching.Go(func() { audit(t, s, all, transaction, &done) })
	}
	for w := range 4 {
		working.Go(func() {
			p, rnd := s.Join(), rand.New(rand.NewPCG(uint64(w), 11))
			defer p.Leave()
			for range rounds {
				move(p, rnd)
			}
		})
	}
	working.Wait()
	done.Store(true)
	watching.Wait()
}

func TestTransfersKeepTheSum(t *testing.T) {
	s, all := newBank(t)
	movers(t, s, all, func(p *commandtest.Conn, rnd *rand.Rand) {
		amount := strconv.Itoa(rnd.IntN(50))
		from, to := account(rnd.IntN(accounts)), account(rnd.IntN(accounts))
		p.Raw("MULTI")
		p.Raw("DECRBY", from, amount)
		if rnd.IntN(8) == 0 {
			p.Raw("DBSIZE") // looks at all shards
		}
		p.Raw("INCRBY", to, amount)
		if reply := p.Raw("EXEC"); !strings.HasPrefix(reply, "*") || strings.Contains(reply, "-") && !strings.Contains(reply, ":-") {
			t.Errorf("EXEC replied %q", reply)
		}
	})
}

// Read, compute, write: lost updates would change the sum.
func TestWatchedTransfersKeepTheSum(t *testing.T) {
	s, all := newBank(t)
	var aborted, executed atomic.Int64
	movers(t, s, all, func(p *commandtest.Conn, rnd *rand.Rand) {
		from, to := rnd.IntN(accounts), rnd.IntN(accounts)
		if from == to {
			return
		}
		p.Want(t, ok, "WATCH", account(from), account(to))
		n := numbers(t, p.Raw("MGET", account(from), account(to)))
		p.Raw("MULTI")
		p.Raw("SET", account(from), strconv.Itoa(n[0]-7))
		p.Raw("SET", account(to), strconv.Itoa(n[1]+7))
		switch reply := p.Raw("EXEC"); reply {
		case null:
			aborted.Add(1)
		case "*2\r\n" + ok + ok:
			executed.Add(1)
		default:
			t.Errorf("EXEC replied %q", reply)
		}
	})
	t.Logf("%d executed, %d aborted", executed.Load(), aborted.Load())
	if executed.Load() == 0 {
		t.Error("none was executed")
	}
}

// Each of two clients watches the key that the other one writes. If both
// believed that nothing had changed, no order of the two would explain it.
func TestNoWriteSkew(t *testing.T) {
	s := newServer(t)
	p := [2]*commandtest.Conn{s.Join(), s.Join()}
	for round := range 2000 {
		var reply [2]string
		keys := [2]string{fmt.Sprint("a", round), fmt.Sprint("b", round)}
		var wg sync.WaitGroup
		for i := range p {
			p[i].Want(t, ok, "WATCH", keys[1-i])
			p[i].Want(t, ok, "MULTI")
			p[i].Want(t, queued, "SET", keys[i], "x")
		}
		for i := range p {
			wg.Go(func() { reply[i] = p[i].Raw("EXEC") })
		}
		wg.Wait()
		if reply[0] == reply[1] {
			t.Fatalf("round %d: both replied %q", round, reply[0])
		}
	}
}

// Whoever flushes, watches, queues and leaves does so without a race.
func TestTransactionsOfAllKinds(t *testing.T) {
	s, all := newBank(t)
	requests := [][]string{
		append([]string{"WATCH"}, all[:3]...), {"UNWATCH"}, {"MULTI"}, {"EXEC"}, {"DISCARD"}, {"FLUSHALL", "ASYNC"}, {"RESET"},
		{"KEYS", "*"}, {"RANDOMKEY"}, {"SCAN", "0"}, {"INCR", all[0]}, {"DEL", all[1]}, {"SET", all[2], "1", "PX", "1"},
		append([]string{"MGET"}, all...), {"INFO"}, {"SET", all[3], strings.Repeat("x", 100_000)}, {"GET", all[3]},
	}
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			p, rnd := s.Join(), rand.New(rand.NewPCG(uint64(w), 13))
			for range 3000 {
				if p.Raw(requests[rnd.IntN(len(requests))]...) == "" {
					t.Error("no reply")
				}
				if rnd.IntN(100) == 0 {
					p.Leave()
					p = s.Join()
				}
				s.Now.Add(1)
			}
			p.Leave()
		})
	}
	wg.Wait()
	s.Do("RESET")
	if got := s.Do("FLUSHALL"); got != "+OK\n" {
		t.Errorf("FLUSHALL: %q", got)
	}
}
