package session

import (
	"bytes"
	"testing"
)

// BenchmarkGet measures one GET from request bytes to reply bytes: alone, in a
// pipeline, and in as many at once as a buffer holds that a long request has
// made large.
func BenchmarkGet(b *testing.B) {
	get := encode("GET", "key")
	for _, c := range []struct {
		name    string
		n, grow int
	}{{"alone", 1, 0}, {"pipeline", 30, 0}, {"grown", 8 << 20 / len(get), 9 << 20}} {
		b.Run(c.name, func(b *testing.B) {
			cl := newServer(b, setup{}).connect()
			defer cl.leave()
			cl.do("SET", "key", "v")
			cl.ws.reserve(c.grow)
			input := bytes.Repeat(get, c.n)
			for i := 0; b.Loop(); i++ {
				if i%c.n != 0 {
					continue // one iteration is one command
				}
				cl.ws.Filled(copy(cl.ws.ReadBuf(), input))
				for next := Flush; next == Flush; {
					next = cl.Run(cl.ws)
					cl.Sent(cl.ws)
				}
			}
		})
	}
}
