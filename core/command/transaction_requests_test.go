package command

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"github.com/redistill-go/redistill/core/buffer/buffertest"
)

// What was queued comes back as it was, however long it is, once or again, and the
// memory with it: what was executed is given back before the rest is.
func TestRequestsModel(t *testing.T) {
	pool := buffertest.New(t)
	var r requests
	rapid.Check(t, func(t *rapid.T) {
		r.pool = pool
		type queued struct {
			index int
			hash  uint64
			args  [][]byte
		}
		arg := rapid.Custom(func(t *rapid.T) []byte {
			n := rapid.SampledFrom([]int{0, 1, 10, 500, 5000, 70_000}).Draw(t, "length")
			return bytes.Repeat([]byte{rapid.Byte().Draw(t, "byte")}, n)
		})
		var model []queued
		total := 0
		for range rapid.IntRange(0, 60).Draw(t, "commands") {
			q := queued{rapid.IntRange(0, 500).Draw(t, "index"), rapid.Uint64().Draw(t, "hash"), rapid.SliceOfN(arg, 1, 5).Draw(t, "args")}
			r.add(q.index, q.hash, q.args, nil)
			model = append(model, q)
			total += headSize
			for _, a := range q.args {
				total += lengthSize + len(a)
			}
		}
		if r.count != len(model) || r.bytes != total || r.held < total {
			t.Fatalf("%d commands of %d bytes take %d, want %d of %d", r.count, r.bytes, r.held, len(model), total)
		}
		for _, executes := range []bool{false, true} {
			at := place{}
			for i, want := range model {
				q := r.read(at)
				args := r.arguments(&q, nil)
				same := q.index == want.index && q.hash == want.hash && len(args) == len(want.args)
				for k := 0; same && k < len(args); k++ {
					same = bytes.Equal(args[k], want.args[k])
				}
				if !same {
					t.Fatalf("command %d is something else: %+v", i, q)
				}
				if at = q.next; executes {
					r.done(&q)
				}
			}
		}
		if pool.Held() != 0 {
			t.Fatalf("%d bytes are held when all was executed", pool.Held())
		}
		if r.clear(); r.held != 0 || r.count != 0 || r.bytes != 0 {
			t.Fatalf("it is not empty: %+v", r)
		}
	})
}

// What is not executed is given back as well.
func TestRequestsAreForgotten(t *testing.T) {
	r := requests{pool: buffertest.New(t)}
	pool := r.pool
	for range 1000 {
		r.add(1, 2, [][]byte{[]byte("GET"), make([]byte, 300)}, nil)
	}
	if pool.Held() < 250_000 {
		t.Errorf("%d bytes are held", pool.Held())
	}
	if r.clear(); pool.Held() != 0 {
		t.Errorf("%d bytes are held in the end", pool.Held())
	}
}
