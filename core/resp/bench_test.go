package resp_test

import (
	"bytes"
	"strconv"
	"testing"

	"github.com/redistill-go/redistill/core/resp"
)

// BenchmarkParser measures one request of a pipeline, and one argument of a
// request that has many.
func BenchmarkParser(b *testing.B) {
	many := []string{"DEL"}
	for i := range 999 {
		many = append(many, "key:"+strconv.Itoa(i))
	}
	limits := resp.DefaultLimits(512 << 20)
	for _, c := range []struct {
		name string
		in   []byte
		n    int // iterations that one pass stands for
	}{
		{"pipeline", bytes.Repeat(encode([]string{"SET", "key:123456", "some value of some bytes"}), 30), 30},
		{"arguments", encode(many), len(many)},
	} {
		b.Run(c.name, func(b *testing.B) {
			p := resp.NewParser(&limits)
			for i := 0; b.Loop(); i++ {
				if i%c.n != 0 {
					continue
				}
				for {
					if _, st := p.Next(c.in, true); st != resp.Complete {
						break
					}
				}
				p.Reset(p.Pos())
			}
		})
	}
}
