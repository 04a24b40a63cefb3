package hash

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"testing"

	"pgregory.net/rapid"

	"github.com/redistill-go/redistill/core/store/arena"
)

// fieldModel is what a field has to hold.
type fieldModel struct {
	value string
	at    int64
}

// modelled is a hash with a map that has to be the same.
type modelled struct {
	*house
	fields map[string]fieldModel
	now    int64
	names  int
	room   []arena.Block // that leaves the arena none
	taken  int64         // bytes of it
	failed int           // changes for want of memory
}

func (m *modelled) name(t *rapid.T) []byte {
	i := rapid.IntRange(0, m.names).Draw(t, "field")
	return fmt.Appendf(nil, "f%d%s", i, bytes.Repeat([]byte{'x'}, i%17*i%29))
}

func (m *modelled) set(t *rapid.T, f *Hash) error {
	name := m.name(t)
	n := rapid.SampledFrom([]int{0, 1, 10, 100, 252, 253, 1000, 1024, 3000, 40_000}).Draw(t, "length")
	v := bytes.Repeat([]byte{rapid.Byte().Draw(t, "byte")}, n)
	at := rapid.SampledFrom([]int64{0, 0, 10, 1000, KeepExpiry}).Draw(t, "ttl")
	if at > 0 {
		at += m.now
	}
	created, err := f.Set(name, v, at)
	if err != nil {
		return err
	}
	old, there := m.fields[string(name)]
	if created == there {
		t.Fatalf("created %v, there before %v", created, there)
	}
	if at == KeepExpiry {
		at = old.at
	}
	m.fields[string(name)] = fieldModel{string(v), at}
	return nil
}

// try runs a change that may run out of memory, after which all is as it was.
func (m *modelled) try(t *rapid.T, what string, change func(f *Hash) error) {
	f := m.open("hash", m.now)
	before := maps.Clone(m.fields)
	if err := change(&f); err != nil {
		if !errors.Is(err, arena.ErrNoMemory) {
			t.Fatalf("%s: %v", what, err)
		}
		m.fields = before
		m.failed++
	}
	f.Done()
}

// fill takes all memory, the largest pieces first.
func (m *modelled) fill() {
	for size := 1 << 20; size >= 8; size -= max(size/8, 8) {
		for {
			ref, err := m.Arena.Alloc(0, size)
			if err != nil {
				break
			}
			m.room = append(m.room, arena.Block{Ref: ref, Size: size})
			m.taken += int64(arena.Round(size))
		}
	}
}

func (m *modelled) release(i int) {
	b := m.room[i]
	m.room = append(m.room[:i], m.room[i+1:]...)
	m.Arena.Free(0, b.Ref, b.Size)
	m.taken -= int64(arena.Round(b.Size))
}

// same asserts that the hash is the map.
func (m *modelled) same(t *rapid.T) {
	f := m.open("hash", m.now)
	seen := 0
	f.Each(func(name, v []byte, at int64) bool {
		want, ok := m.fields[string(name)]
		if !ok || want.value != string(v) || want.at != at {
			t.Fatalf("field %q holds %d bytes until %d, want %v %d bytes until %d", name, len(v), at, ok, len(want.value), want.at)
		}
		seen++
		return true
	})
	if seen != len(m.fields) || f.Live() != seen {
		t.Fatalf("%d fields, %d live, want %d", seen, f.Live(), len(m.fields))
	}
	for name, want := range m.fields {
		if v, at, ok := f.Get([]byte(name)); !ok || string(v) != want.value || at != want.at {
			t.Fatalf("Get %q: %v", name, ok)
		}
	}
	scanned := map[string]bool{}
	for cursor, first := uint64(0), true; first || cursor != 0; first = false {
		cursor = f.Scan(cursor, 10, func(name, _ []byte, _ int64) {
			if scanned[string(name)] {
				t.Fatalf("scanned %q twice", name)
			}
			scanned[string(name)] = true
		})
	}
	if len(scanned) != len(m.fields) {
		t.Fatalf("scanned %d fields of %d", len(scanned), len(m.fields))
	}
	if name, v, ok := f.Random(); ok != (len(m.fields) > 0) || ok && m.fields[string(name)].value != string(v) {
		t.Fatalf("drew %q of %d fields", name, len(m.fields))
	}
	if at, v, ok := m.Find(Place{Key: []byte("hash")}, m.now); ok && v.Places() > max(2, 8*v.Len()) && len(m.room) == 0 {
		t.Fatalf("%s has a directory of %d places for %d fields", at.Key, v.Places(), v.Len())
	}
	m.check(t, m.taken)
}

// A hash behaves like a map, whether there is memory or not: what fails for want of it
// leaves all as it was.
func TestAHashIsAMap(t *testing.T) {
	failed := 0
	rapid.Check(t, func(rt *rapid.T) {
		m := &modelled{house: newHouse(t, 4<<20), fields: map[string]fieldModel{}, now: epoch}
		m.names = rapid.SampledFrom([]int{3, 140, 400}).Draw(rt, "names")
		rt.Repeat(map[string]func(*rapid.T){
			"set": func(rt *rapid.T) {
				for range rapid.IntRange(1, 100).Draw(rt, "sets") {
					m.try(rt, "set", func(f *Hash) error { return m.set(rt, f) })
				}
			},
			"set all or none": func(rt *rapid.T) {
				m.try(rt, "set all or none", func(f *Hash) error {
					before := maps.Clone(m.fields)
					f.Begin()
					for range rapid.IntRange(1, 200).Draw(rt, "sets") {
						if err := m.set(rt, f); err != nil {
							f.Undo()
							return err
						}
					}
					if rapid.Bool().Draw(rt, "undo") {
						f.Undo()
						m.fields = before
					}
					return nil
				})
			},
			"set pairs": func(rt *rapid.T) {
				m.try(rt, "set pairs", func(f *Hash) error {
					var pairs [][]byte
					for range rapid.IntRange(1, 150).Draw(rt, "pairs") {
						name := m.name(rt)
						pairs = append(pairs, name, name)
					}
					at := rapid.SampledFrom([]int64{0, KeepExpiry, m.now + 20}).Draw(rt, "at")
					created, err := f.SetAll(pairs, at)
					if err != nil {
						return err
					}
					had := len(m.fields)
					for i := 0; i < len(pairs); i += 2 {
						to := at
						if at == KeepExpiry {
							to = m.fields[string(pairs[i])].at
						}
						m.fields[string(pairs[i])] = fieldModel{string(pairs[i]), to}
					}
					if created != len(m.fields)-had {
						rt.Fatalf("%d pairs are new, want %d", created, len(m.fields)-had)
					}
					return nil
				})
			},
			"replace": func(rt *rapid.T) {
				f, err := m.replace("hash", m.now)
				before := m.fields
				m.fields = map[string]fieldModel{}
				for n := rapid.SampledFrom([]int{0, 1, 10, 150}).Draw(rt, "new"); n > 0 && err == nil; n-- {
					err = m.set(rt, &f)
				}
				if err == nil && rapid.Bool().Draw(rt, "done") {
					f.Done()
					return
				}
				m.fields = before
				if f.m != nil {
					f.Undo()
					f.Done()
				}
			},
			"delete": func(rt *rapid.T) {
				m.try(rt, "delete", func(f *Hash) error {
					for range rapid.IntRange(1, 300).Draw(rt, "deletes") {
						name := m.name(rt)
						ok := f.Delete(name)
						if _, there := m.fields[string(name)]; ok != there {
							rt.Fatalf("deleted %v, was there %v", ok, there)
						}
						delete(m.fields, string(name))
					}
					return nil
				})
			},
			"expire": func(rt *rapid.T) {
				m.try(rt, "expire", func(f *Hash) error {
					name, at := m.name(rt), m.now+rapid.Int64Range(1, 50).Draw(rt, "ttl")
					ok, err := f.SetExpiry(name, at)
					old, there := m.fields[string(name)]
					if err == nil && ok != there {
						rt.Fatalf("expiry set %v, was there %v", ok, there)
					}
					if err == nil && there {
						m.fields[string(name)] = fieldModel{old.value, at}
					}
					return err
				})
			},
			"persist": func(rt *rapid.T) {
				name := m.name(rt)
				f := m.open("hash", m.now)
				f.Persist(name)
				f.Done()
				if old, ok := m.fields[string(name)]; ok {
					m.fields[string(name)] = fieldModel{old.value, 0}
				}
			},
			"time passes": func(rt *rapid.T) {
				m.now += rapid.Int64Range(1, 100).Draw(rt, "ms")
				maps.DeleteFunc(m.fields, func(_ string, f fieldModel) bool { return f.at != 0 && m.now > f.at })
			},
			"expired fields go": func(rt *rapid.T) {
				for more := true; more; {
					f := m.open("hash", m.now)
					if more = f.Exists(); more {
						more = f.Expire()
						f.Done()
					}
				}
				if f := m.open("hash", m.now); f.Len() != len(m.fields) {
					rt.Fatalf("%d fields are left, want %d", f.Len(), len(m.fields))
				}
			},
			"memory runs out": func(rt *rapid.T) { m.fill() },
			"memory comes back": func(rt *rapid.T) {
				for range rapid.IntRange(0, 20).Draw(rt, "blocks") {
					if n := len(m.room); n > 0 {
						m.release(n - 1 - rapid.IntRange(0, n-1).Draw(rt, "block")*rapid.IntRange(0, 1).Draw(rt, "any"))
					}
				}
			},
			"blocks move": func(rt *rapid.T) {
				_, v, ok := m.Find(Place{Key: []byte("hash")}, m.now)
				if !ok {
					return
				}
				every := rapid.IntRange(1, 3).Draw(rt, "every")
				looked := 0
				mover := Mover{
					Block: func(from arena.Ref, n int) (arena.Ref, bool) {
						to, err := m.alloc(n)
						if looked++; err != nil || looked%every != 0 {
							if err == nil {
								m.Memory.free(to, n)
							}
							return 0, false
						}
						copy(m.Arena.Bytes(to, n), m.Arena.Bytes(from, n))
						return to, true
					},
					Free: m.Memory.free,
					Look: func(int) bool { looked++; return looked%7 != 0 },
				}
				for from := m.Move(v, 0, mover); from != 0; {
					from = m.Move(v, from, mover)
				}
			},
			"": func(rt *rapid.T) { m.same(rt) },
		})
		failed += m.failed
	})
	if failed == 0 {
		t.Error("memory never ran out")
	}
}
