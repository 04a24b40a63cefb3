package store

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"testing"

	"github.com/redistill-go/redistill/core/store/arena"
	"pgregory.net/rapid"
)

// filler is blocks that leave the arena no room.
type filler struct {
	st     *Store
	blocks []arena.Block
	bytes  int64
}

// fill takes all memory, the largest pieces first.
func (f *filler) fill() {
	for size := 1 << 20; size >= 8; size -= max(size/8, 8) {
		for {
			ref, err := f.st.arena.Alloc(0, size)
			if err != nil {
				break
			}
			f.blocks = append(f.blocks, arena.Block{Ref: ref, Size: size})
			f.bytes += int64(arena.Round(size))
		}
	}
}

// release gives block i back.
func (f *filler) release(i int) {
	b := f.blocks[i]
	f.blocks[i] = f.blocks[len(f.blocks)-1]
	f.blocks = f.blocks[:len(f.blocks)-1]
	f.st.arena.Free(0, b.Ref, b.Size)
	f.bytes -= int64(arena.Round(b.Size))
}

// TestFieldsWithoutMemory: whichever allocation fails, the hash is then as it
// was, or all is done; and deleting never fails.
func TestFieldsWithoutMemory(t *testing.T) {
	failures := 0
	rapid.Check(t, func(rt *rapid.T) {
		st, err := New(Options{Shards: 1, Reserve: 4 << 20})
		if err != nil {
			rt.Fatal(err)
		}
		defer func() {
			if err := st.Close(); err != nil {
				rt.Fatal(err)
			}
		}()
		k := st.Key([]byte("hash"))
		model := map[string]fieldModel{}
		full := filler{st: st}
		open := func() (*Shard, Fields) {
			sh := st.Lock(k)
			f, err := sh.Fields(k, epoch)
			if err != nil {
				rt.Fatal(err)
			}
			return sh, f
		}
		names := rapid.SampledFrom([]int{3, 140, 400}).Draw(rt, "names")
		name := func() []byte {
			i := rapid.IntRange(0, names).Draw(rt, "field")
			return fmt.Appendf(nil, "f%d%s", i, bytes.Repeat([]byte{'x'}, i%17*i%29))
		}
		value := func() []byte {
			n := rapid.SampledFrom([]int{0, 1, 10, 100, 252, 253, 1000, 1024, 3000, 40_000}).Draw(rt, "length")
			return bytes.Repeat([]byte{rapid.Byte().Draw(rt, "byte")}, n)
		}
		expiry := func() int64 {
			return rapid.SampledFrom([]int64{0, 0, epoch + 10, epoch + 1000, KeepExpiry}).Draw(rt, "at")
		}
		set := func(f *Fields, to map[string]fieldModel) error {
			field, v, at := name(), value(), expiry()
			_, err := f.Set(field, v, at)
			if err == nil {
				if at == KeepExpiry {
					at = to[string(field)].at
				}
				to[string(field)] = fieldModel{string(v), at}
			}
			return err
		}
		sh, f := open()
		for range rapid.SampledFrom([]int{0, 3, 125, 129, 400}).Draw(rt, "before") {
			if err := set(&f, model); err != nil && !errors.Is(err, ErrNoMemory) {
				rt.Fatal(err)
			}
		}
		f.Done()
		sh.Unlock()
		full.fill()
		for range rapid.IntRange(1, 30).Draw(rt, "operations") {
			for range rapid.IntRange(0, 3).Draw(rt, "room") {
				if n := len(full.blocks); n > 0 {
					// The small ones were taken last.
					full.release(n - 1 - rapid.IntRange(0, n-1).Draw(rt, "block")*rapid.IntRange(0, 1).Draw(rt, "any"))
				}
			}
			sh, f := open()
			after, err := maps.Clone(model), error(nil)
			switch rapid.IntRange(0, 6).Draw(rt, "what") {
			case 0:
				err = set(&f, after)
			case 1, 2:
				f.Begin()
				for range rapid.SampledFrom([]int{2, 10, 150}).Draw(rt, "sets") {
					if err = set(&f, after); err != nil {
						f.Undo()
						break
					}
				}
			case 3:
				field, at := name(), epoch+rapid.Int64Range(1, 100).Draw(rt, "ttl")
				var ok bool
				if ok, err = f.SetExpiry(field, at); ok && err == nil {
					after[string(field)] = fieldModel{model[string(field)].value, at}
				}
			case 4:
				var pairs [][]byte
				for range rapid.SampledFrom([]int{1, 10, 100}).Draw(rt, "pairs") {
					pairs = append(pairs, name(), value())
					after[string(pairs[len(pairs)-2])] = fieldModel{string(pairs[len(pairs)-1]), 0}
				}
				_, err = f.SetAll(pairs, 0)
			case 5:
				for range rapid.SampledFrom([]int{1, 20, 300}).Draw(rt, "deletes") {
					field := name()
					f.Delete(field)
					delete(after, string(field))
				}
			case 6:
				clear(after)
				if f, err = sh.Replace(k, 0, epoch); err != nil {
					break
				}
				for range rapid.SampledFrom([]int{0, 1, 10, 150}).Draw(rt, "new") {
					if err = set(&f, after); err != nil {
						f.Undo()
						break
					}
				}
			}
			if err == nil {
				model = after
			} else if failures++; !errors.Is(err, ErrNoMemory) {
				rt.Fatal(err)
			}
			f.Done()
			if f, err = sh.Fields(k, epoch); err != nil {
				rt.Fatal(err)
			}
			checkFields(rt, &f, model)
			sh.Unlock()
			checkStore(rt, st, st.Key, full.bytes)
		}
		// With memory again, all is as ever.
		for len(full.blocks) > 0 {
			full.release(len(full.blocks) - 1)
		}
		sh, f = open()
		for range 200 {
			if err := set(&f, model); err != nil && !errors.Is(err, ErrNoMemory) {
				rt.Fatal(err)
			}
		}
		f.Done()
		checkFields(rt, &f, model)
		sh.Delete(k, epoch)
		sh.Unlock()
		checkStore(rt, st, st.Key, 0)
	})
	if failures == 0 {
		t.Error("memory never ran out")
	}
}
