package allcommands_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/redistill-go/redistill/core/command/commandtest"
)

// modelClient is a client of the model: what it has queued and what it watches.
type modelClient struct {
	multi   bool
	queue   [][]string
	watched map[string]modelWatch
}

// modelWatch is what a key was when the watching began.
type modelWatch struct {
	version int
	existed bool
}

// modelServer is a model whose keys have versions.
type modelServer struct {
	model
	versions map[string]int
}

// do executes a request and counts its changes.
func (m *modelServer) do(a []string) string {
	var existed []string
	for _, k := range a[1:] {
		if _, ok := m.get(k); ok {
			existed = append(existed, k)
		}
	}
	reply := m.model.do(a)
	var changed []string
	switch a[0] {
	case "SET", "APPEND":
		changed = a[1:2]
	case "INCRBY":
		if reply[0] == ':' {
			changed = a[1:2]
		}
	case "DEL", "GETDEL":
		changed = existed
	case "PEXPIRE", "PERSIST":
		if reply == ":1\r\n" {
			changed = a[1:2]
		}
	case "MSET":
		for i := 1; i < len(a); i += 2 {
			changed = append(changed, a[i])
		}
	}
	for _, k := range changed {
		m.versions[k]++
	}
	return reply
}

func (m *modelServer) request(c *modelClient, a []string) string {
	switch a[0] {
	case "MULTI":
		if c.multi {
			return "-ERR MULTI calls can not be nested\r\n"
		}
		c.multi = true
		return ok
	case "DISCARD":
		if !c.multi {
			return "-ERR DISCARD without MULTI\r\n"
		}
		*c = modelClient{watched: map[string]modelWatch{}}
		return ok
	case "EXEC":
		return m.exec(c)
	case "WATCH":
		if c.multi {
			return "-ERR WATCH inside MULTI is not allowed\r\n"
		}
		for _, k := range a[1:] {
			if _, have := c.watched[k]; !have {
				_, existed := m.get(k)
				c.watched[k] = modelWatch{m.versions[k], existed}
			}
		}
		return ok
	case "UNWATCH":
		if !c.multi {
			c.watched = map[string]modelWatch{}
			return ok
		}
	}
	if c.multi {
		c.queue = append(c.queue, a)
		return queued
	}
	return m.do(a)
}

func (m *modelServer) exec(c *modelClient) string {
	if !c.multi {
		return "-ERR EXEC without MULTI\r\n"
	}
	defer func() { *c = modelClient{watched: map[string]modelWatch{}} }()
	for k, w := range c.watched {
		if _, exists := m.get(k); m.versions[k] != w.version || w.existed && !exists {
			return null
		}
	}
	reply := fmt.Sprintf("*%d\r\n", len(c.queue))
	for _, a := range c.queue {
		if a[0] == "UNWATCH" {
			reply += ok
			continue
		}
		reply += m.do(a)
	}
	return reply
}

func drawTransactionRequest(t *rapid.T) []string {
	key := func() string { return "k" + strconv.Itoa(rapid.IntRange(0, 3).Draw(t, "key")) }
	number := func(from, to int) string { return strconv.Itoa(rapid.IntRange(from, to).Draw(t, "number")) }
	name := rapid.SampledFrom([]string{
		"MULTI", "MULTI", "EXEC", "EXEC", "EXEC", "DISCARD", "WATCH", "WATCH", "UNWATCH", "GET", "SET", "SET", "INCRBY",
		"DEL", "APPEND", "MSET", "MGET", "PEXPIRE", "PERSIST", "GETDEL",
	}).Draw(t, "command")
	switch name {
	case "MULTI", "EXEC", "DISCARD", "UNWATCH":
		return []string{name}
	case "WATCH", "MGET", "DEL":
		keys := []string{key(), key()}
		slices.Sort(keys)
		return append([]string{name}, slices.Compact(keys)...)
	case "SET", "INCRBY", "APPEND":
		return []string{name, key(), number(0, 99)}
	case "MSET":
		return []string{name, key(), number(0, 99), key(), number(0, 99)}
	case "PEXPIRE":
		return []string{name, key(), number(-2, 50)}
	}
	return []string{name, key()}
}

// Several clients' transactions, interleaved at random, reply as if each were
// one step of a single-threaded server.
func TestTransactionsAgreeWithModel(t *testing.T) {
	s := newServer(t)
	rapid.Check(t, func(t *rapid.T) {
		s.Do("FLUSHALL")
		m := &modelServer{model{keys: map[string]modelEntry{}, now: s.Now.Load()}, map[string]int{}}
		var peers []*commandtest.Conn
		var clients []*modelClient
		for range 3 {
			p := s.Join()
			defer p.Leave()
			peers, clients = append(peers, p), append(clients, &modelClient{watched: map[string]modelWatch{}})
		}
		for range 200 {
			if rapid.IntRange(0, 5).Draw(t, "wait") == 0 {
				m.now += rapid.Int64Range(1, 20).Draw(t, "for")
				s.Now.Store(m.now)
			}
			i := rapid.IntRange(0, len(peers)-1).Draw(t, "client")
			request := drawTransactionRequest(t)
			want, got := m.request(clients[i], request), peers[i].Raw(request...)
			if got != want {
				t.Fatalf("client %d: %q:\n got %q\nwant %q", i, request, got, want)
			}
			if got, want := peers[i].Client.Watching(), len(clients[i].watched); got != want {
				t.Fatalf("client %d watches %d keys, want %d", i, got, want)
			}
		}
	})
}
