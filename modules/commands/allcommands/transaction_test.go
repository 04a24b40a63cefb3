package allcommands_test

import (
	"strings"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/command"
)

// No command waits for a lock that its own transaction holds. Whoever adds one
// that looks at keys beyond those in its Spec finds out here.
func TestEveryCommandRunsInTransaction(t *testing.T) {
	s := newServer(t)
	var requests [][]string
	add := func(c *command.Command) {
		name := strings.Split(c.FullName, "|")
		for n := range 6 {
			for _, arg := range []string{"k", "1"} {
				request := append([]string{}, name...)
				for range n {
					request = append(request, arg)
				}
				if c.ArityOK(len(request)) {
					requests = append(requests, request)
				}
			}
		}
	}
	for i := range s.Env.Table.Len() {
		if c := s.Env.Table.At(i); !c.Direct && c.Handler != nil {
			add(c)
		}
	}
	requests = append(requests, extraRequests...)
	a := s.Join()
	done := make(chan string, 1)
	for _, r := range requests {
		go func() {
			a.Raw("MULTI")
			a.Raw("SET", "k", "1")
			a.Raw(r...)
			a.Raw("SET", "other", "1")
			done <- a.Raw("EXEC")
		}()
		select {
		case reply := <-done:
			if !strings.HasPrefix(reply, "*3\r\n") && !strings.HasPrefix(reply, "-EXECABORT ") {
				t.Errorf("%q in a transaction: %.100q", r, reply)
			}
		case <-time.After(30 * time.Second):
			t.Fatalf("%q hangs in a transaction", r)
		}
		if a.Raw("DBSIZE"); a.Client.Closing {
			a.Leave()
			a = s.Join()
		}
	}
}

// extraRequests are what the arguments above don't reach.
var extraRequests = [][]string{
	{"FLUSHALL", "ASYNC"}, {"FLUSHDB", "SYNC"}, {"SCAN", "0"}, {"SCAN", "0", "COUNT", "1000"}, {"KEYS", "*"},
	{"INFO", "ALL"}, {"INFO", "everything"}, {"CONFIG", "GET", "*"}, {"CLIENT", "LIST"},
	{"MEMORY", "STATS"}, {"MEMORY", "DOCTOR"}, {"MEMORY", "PURGE"}, {"MEMORY", "USAGE", "k"}, {"OBJECT", "ENCODING", "k"},
	{"CLIENT", "TRACKING", "ON"}, {"CLIENT", "TRACKING", "ON", "BCAST"}, {"CLIENT", "TRACKING", "OFF"},
	{"MSETEX", "2", "k", "1", "l", "2"}, {"BITOP", "AND", "k", "k", "l"}, {"COPY", "k", "l"}, {"RENAME", "k", "l"},
}
