package session

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// BenchmarkLent measures a batch in a workspace that is lent for it, as that of a
// client is which sends it and waits for the replies: all that the server does
// between two system calls.
func BenchmarkLent(b *testing.B) {
	hash := []string{"HSET", "hash"}
	for i := range 10 {
		hash = append(hash, fmt.Sprintf("field%d", i), fmt.Sprintf("value-of-field-%d", i))
	}
	value := strings.Repeat("v", 256)
	for _, c := range []struct {
		name string
		args []string
		n    int
	}{
		{"get", []string{"GET", "key"}, 1},
		{"set", []string{"SET", "key", value}, 1},
		{"hgetall", []string{"HGETALL", "hash"}, 16},
	} {
		b.Run(c.name, func(b *testing.B) {
			s := newServer(b, setup{})
			cl := s.connect()
			defer cl.leave()
			cl.do("SET", "key", value)
			cl.do(hash...)
			s.pool.Put(cl.ws)
			input := bytes.Repeat(encode(c.args...), c.n)
			b.ReportAllocs()
			for b.Loop() {
				ws := s.pool.Get()
				cl.Resume(ws)
				ws.Filled(copy(ws.ReadBuf(), input))
				cl.Run(ws)
				cl.Sent(ws)
				cl.Settle(ws)
				s.pool.Put(ws)
			}
			cl.ws = s.pool.Get()
		})
	}
}
