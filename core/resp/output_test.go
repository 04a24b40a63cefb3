package resp_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/redistill-go/redistill/core/buffer"
	"github.com/redistill-go/redistill/core/buffer/buffertest"
	"github.com/redistill-go/redistill/core/resp"
)

// pins counts what is pinned.
type pins map[uint64]int

func (p pins) Unpin(ref uint64) {
	if p[ref]--; p[ref] == 0 {
		delete(p, ref)
	}
}

func output(w *resp.Writer) []byte {
	var all []byte
	for _, p := range w.Parts {
		all = append(all, p.Bytes...)
	}
	return append(all, w.Rest()...)
}

func TestWriterRefer(t *testing.T) {
	value := make([]byte, 60)
	pinned := pins{7: 1, 8: 1, 9: 1}
	w := resp.Writer{Limit: 100, Pins: pinned}
	w.Array(2)
	w.Refer(value, 7)
	w.Refer(value[:40], 8)
	zeros := string(value)
	if got, want := string(output(&w)), "*2\r\n$60\r\n"+zeros+"\r\n$40\r\n"+zeros[:40]+"\r\n"; got != want || w.Overflow || w.Len() != len(want) {
		t.Fatalf("%q, overflow %v, length %d", got, w.Overflow, w.Len())
	}
	if p := &w.Parts[1]; p.Ref != 7 || &p.Bytes[0] != &value[0] {
		t.Errorf("the value was copied: %+v", p)
	}
	// The limit is for all values together, and the owner gets back even that
	// which is too much.
	if w.Refer(value[:1], 9); !w.Overflow {
		t.Error("no overflow over the limit")
	}
	if w.Reset(); len(pinned) != 0 {
		t.Errorf("still pinned: %v", pinned)
	}
	w = resp.Writer{Limit: 10}
	if w.Refer(value, 1); w.Overflow {
		t.Error("a single value is held to the limit")
	}
}

// Whatever is written, taken back and sent in whatever order, the output is what
// one buffer would hold, and nothing is kept or pinned in the end.
func TestWriterChain(t *testing.T) {
	pool := buffertest.New(t)
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 2))
		pinned := pins{}
		w := resp.Writer{Proto: 3, Pool: pool, Pins: pinned, Buf: pool.Get(buffer.ChunkSize)}
		var want []byte
		check := func(what string) {
			t.Helper()
			if got := output(&w); !bytes.Equal(got, want) || w.Len() != len(want) {
				t.Fatalf("seed %d: after %s the output of %d bytes is not the %d that were written, length %d", seed, what, len(got), len(want), w.Len())
			}
		}
		text := func() []byte {
			return bytes.Repeat([]byte{byte('a' + r.IntN(26))}, r.IntN(1<<(4+r.IntN(15))))
		}
		write := func() {
			flat := resp.Writer{Proto: 3}
			switch b := text(); r.IntN(6) {
			case 0:
				ref := r.Uint64N(3) + 1
				pinned[ref]++
				w.Refer(b, ref)
				flat.Bulk(b)
			case 1:
				for range 5000 {
					w.Int(123456)
					flat.Int(123456)
				}
			case 2:
				w.Error(string(b))
				flat.Error(string(b))
			case 3:
				w.Verbatim("txt", string(b))
				flat.Verbatim("txt", string(b))
			default:
				w.Bulk(b)
				flat.Bulk(b)
			}
			want = append(want, flat.Buf...)
		}
		aside := resp.Writer{Pool: pool}
		for range 30 {
			switch r.IntN(5) {
			case 4:
				head := resp.Writer{}
				for n := r.IntN(1 << r.IntN(15)); n >= 0; n-- {
					aside.Int(int64(n))
					head.Int(int64(n))
				}
				w.Join(&aside)
				want = append(want, head.Buf...)
				check("joining")
			case 0:
				m, before := w.Mark(), len(want)
				for range r.IntN(4) {
					write()
				}
				w.Rewind(m)
				want = want[:before]
				check("taking back")
			case 1:
				n := r.IntN(len(want) + 1)
				w.Advance(n)
				want = want[n:]
				if check("sending"); r.IntN(2) == 0 {
					w.Shrink()
					check("shrinking")
				}
			default:
				write()
				check("writing")
			}
		}
		w.Reset()
		if pool.Held() != int64(cap(w.Buf)) || len(pinned) != 0 || w.Len() != 0 {
			t.Fatalf("seed %d: %d bytes held, %d pinned, length %d", seed, pool.Held(), len(pinned), w.Len())
		}
		pool.Put(w.Buf)
	}
}

// A reply beyond the limit takes no more memory than that, and what came before
// it is whole.
func TestWriterChainLimit(t *testing.T) {
	pool := buffertest.New(t)
	long := make([]byte, 1<<20)
	for name, write := range map[string]func(*resp.Writer){
		"bulk strings": func(w *resp.Writer) { w.Bulk(long[:1000]) },
		"one of them":  func(w *resp.Writer) { w.Bulk(long) },
		"numbers":      func(w *resp.Writer) { w.Int(1 << 50) },
		"texts":        func(w *resp.Writer) { w.Verbatim("txt", string(long[:70_000])) },
	} {
		w := resp.Writer{Proto: 3, Pool: pool, Limit: 300_000, Buf: pool.Get(buffer.ChunkSize)}
		w.Simple("before")
		m := w.Mark()
		for after := 0; after < 1000; {
			if write(&w); w.Overflow {
				after++
			}
			if held := pool.Held(); held > 300_000+3*buffer.ChunkSize {
				t.Fatalf("%s: %d bytes held", name, held)
			}
		}
		if w.Rewind(m); string(output(&w)) != "+before\r\n" || w.Overflow {
			t.Errorf("%s: what came before is %q, overflow %v", name, output(&w), w.Overflow)
		}
		w.Reset()
		pool.Put(w.Buf)
	}
	if pool.Held() != 0 {
		t.Errorf("%d bytes held", pool.Held())
	}
}
