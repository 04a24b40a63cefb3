package store

import (
	"bytes"
	"fmt"
	"maps"
	"testing"

	"github.com/redistill-go/redistill/core/store/expiry"
	"pgregory.net/rapid"
)

type fieldModel struct {
	value string
	at    int64
}

// TestFieldsBehaveLikeAMap drives one hash and a map with the same changes.
func TestFieldsBehaveLikeAMap(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		st, err := New(Options{Shards: 1, Reserve: 1 << 30})
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
		now := int64(epoch)
		many := rapid.Bool().Draw(rt, "many")
		field := func(rt *rapid.T) []byte {
			n := 20
			if many {
				n = 1000
			}
			f := fmt.Sprintf("f%d", rapid.IntRange(0, n).Draw(rt, "field"))
			if rapid.IntRange(0, 30).Draw(rt, "long") == 0 {
				f += string(bytes.Repeat([]byte{'x'}, rapid.SampledFrom([]int{230, 250, 300, 5000, 40_000}).Draw(rt, "length")))
			}
			return []byte(f)
		}
		value := rapid.OneOf(rapid.SliceOfN(rapid.Byte(), 0, 20), rapid.Custom(func(rt *rapid.T) []byte {
			return bytes.Repeat([]byte{rapid.Byte().Draw(rt, "b")}, rapid.IntRange(0, 5000).Draw(rt, "n"))
		}))
		open := func() (*Shard, Fields) {
			sh := st.Lock(k)
			f, err := sh.Fields(k, now)
			if err != nil {
				rt.Fatal(err)
			}
			return sh, f
		}
		set := func(rt *rapid.T, f *Fields) {
			name, v, at := field(rt), value.Draw(rt, "value"), int64(0)
			if rapid.IntRange(0, 3).Draw(rt, "expires") == 0 {
				at = now + rapid.Int64Range(1, 50).Draw(rt, "ttl")
			}
			created, err := f.Set(name, v, at)
			if err != nil {
				rt.Fatal(err)
			}
			if _, there := model[string(name)]; created == there {
				rt.Fatalf("created %v, there before %v", created, there)
			}
			model[string(name)] = fieldModel{string(v), at}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"set": func(rt *rapid.T) {
				sh, f := open()
				for range rapid.IntRange(1, 400).Draw(rt, "sets") {
					set(rt, &f)
				}
				f.Done()
				sh.Unlock()
			},
			"delete": func(rt *rapid.T) {
				sh, f := open()
				for range rapid.IntRange(1, 400).Draw(rt, "deletes") {
					name := field(rt)
					ok := f.Delete(name)
					if _, there := model[string(name)]; ok != there {
						rt.Fatalf("deleted %v, was there %v", ok, there)
					}
					delete(model, string(name))
				}
				f.Done()
				sh.Unlock()
			},
			"set all or none": func(rt *rapid.T) {
				sh, f := open()
				before := maps.Clone(model)
				f.Begin()
				for range rapid.IntRange(1, 200).Draw(rt, "sets") {
					set(rt, &f)
				}
				if rapid.Bool().Draw(rt, "undo") {
					f.Undo()
					model = before
					checkFields(rt, &f, model)
				}
				f.Done()
				sh.Unlock()
			},
			"set pairs": func(rt *rapid.T) {
				sh, f := open()
				var pairs [][]byte
				at := rapid.SampledFrom([]int64{0, 0, KeepExpiry, now + 20}).Draw(rt, "at")
				created := len(model)
				for range rapid.IntRange(1, 150).Draw(rt, "pairs") {
					name, v := field(rt), value.Draw(rt, "value")
					pairs = append(pairs, name, v)
					if at == KeepExpiry {
						model[string(name)] = fieldModel{string(v), model[string(name)].at}
						continue
					}
					model[string(name)] = fieldModel{string(v), at}
				}
				if n, err := f.SetAll(pairs, at); err != nil || n != len(model)-created {
					rt.Fatalf("%d of %d pairs are new, want %d: %v", n, len(pairs)/2, len(model)-created, err)
				}
				f.Done()
				sh.Unlock()
			},
			"persist": func(rt *rapid.T) {
				sh, f := open()
				name := field(rt)
				f.Persist(name)
				if m, ok := model[string(name)]; ok {
					model[string(name)] = fieldModel{m.value, 0}
				}
				f.Done()
				sh.Unlock()
			},
			"expire many": func(rt *rapid.T) {
				sh, f := open()
				at := now + rapid.Int64Range(1, 50).Draw(rt, "ttl")
				undo := rapid.Bool().Draw(rt, "undo")
				f.Begin()
				for range rapid.IntRange(1, 100).Draw(rt, "fields") {
					name := field(rt)
					ok, err := f.SetExpiry(name, at)
					m, there := model[string(name)]
					if err != nil || ok != there {
						rt.Fatalf("expiry set %v, was there %v: %v", ok, there, err)
					}
					if there && !undo {
						model[string(name)] = fieldModel{m.value, at}
					}
				}
				if undo {
					f.Undo()
				}
				f.Done()
				sh.Unlock()
			},
			"expire": func(rt *rapid.T) {
				sh, f := open()
				name, at := field(rt), now+rapid.Int64Range(1, 50).Draw(rt, "ttl")
				ok, err := f.SetExpiry(name, at)
				if err != nil {
					rt.Fatal(err)
				}
				m, there := model[string(name)]
				if ok != there {
					rt.Fatalf("expiry set %v, was there %v", ok, there)
				}
				if there {
					model[string(name)] = fieldModel{m.value, at}
				}
				f.Done()
				sh.Unlock()
			},
			"time passes": func(rt *rapid.T) {
				now += rapid.Int64Range(1, 100).Draw(rt, "ms")
				for name, m := range model {
					if m.at != 0 && now > m.at {
						delete(model, name)
					}
				}
			},
			"sweep": func(rt *rapid.T) {
				now += 2 * expiry.MaxWait
				for name, m := range model {
					if m.at != 0 && now > m.at {
						delete(model, name)
					}
				}
				st.Sweep(now, 1<<40)
				sh, f := open()
				if f.Len() != len(model) {
					rt.Fatalf("%d fields after a sweep, want %d", f.Len(), len(model))
				}
				sh.Unlock()
			},
			"replace": func(rt *rapid.T) {
				if rapid.IntRange(0, 5).Draw(rt, "sure") > 0 {
					return
				}
				sh := st.Lock(k)
				if err := sh.Set(k, []byte("a string"), 0, now); err != nil {
					rt.Fatal(err)
				}
				if _, err := sh.Fields(k, now); err != ErrWrongType {
					rt.Fatalf("a string opens as a hash: %v", err)
				}
				sh.Delete(k, now)
				sh.Unlock()
				clear(model)
			},
			"key expiry": func(rt *rapid.T) {
				sh := st.Lock(k)
				if e, ok := sh.Peek(k, now); ok {
					if err := sh.SetExpiry(k, e, now+1<<40); err != nil {
						rt.Fatal(err)
					}
				}
				sh.Unlock()
			},
			"": func(rt *rapid.T) {
				sh, f := open()
				checkFields(rt, &f, model)
				if places(sh, &f) > max(2, 8*f.Len()) {
					rt.Fatalf("a directory of %d places for %d fields", places(sh, &f), f.Len())
				}
				sh.Unlock()
				checkStore(rt, st, st.Key, 0)
			},
		})
	})
}

func checkFields(rt *rapid.T, f *Fields, model map[string]fieldModel) {
	seen := 0
	f.Each(func(field, value []byte, at int64) bool {
		m, ok := model[string(field)]
		if !ok || m.value != string(value) || m.at != at {
			rt.Fatalf("field %q holds %d bytes until %d, want %v %d bytes until %d", field, len(value), at, ok, len(m.value), m.at)
		}
		seen++
		return true
	})
	if seen != len(model) {
		rt.Fatalf("%d fields, want %d", seen, len(model))
	}
	for name, m := range model {
		if v, at, ok := f.Get([]byte(name)); !ok || string(v) != m.value || at != m.at {
			rt.Fatalf("Get %q: %v", name, ok)
		}
	}
	scanned := map[string]bool{}
	for cursor := uint64(0); ; {
		cursor = f.Scan(cursor, 10, func(field, _ []byte, _ int64) {
			if scanned[string(field)] {
				rt.Fatalf("scanned %q twice", field)
			}
			scanned[string(field)] = true
		})
		if cursor == 0 {
			break
		}
	}
	if len(scanned) != len(model) {
		rt.Fatalf("scanned %d fields of %d", len(scanned), len(model))
	}
	if field, value, ok := f.Random(); ok != (len(model) > 0) || ok && model[string(field)].value != string(value) {
		rt.Fatalf("drew %q of %d fields", field, len(model))
	}
}

// places is how many places the directory of a hash has; 0: it has none.
func places(sh *Shard, f *Fields) int {
	if !f.Exists() {
		return 0
	}
	return (hashHome{sh}).entry(f.At()).hash().Places()
}
