package store

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/redistill-go/redistill/core/snapshot"
	"github.com/redistill-go/redistill/core/store/expiry"
)

// reader is a Freeze with what it has to find.
type reader struct {
	z    *Freeze
	want map[string]string
	seen map[string]string
}

// frozenFixture is a hash that is changed while it is read.
type frozenFixture struct {
	t       *testing.T
	st      *Store
	k       Key
	rnd     *rand.Rand
	now     int64
	model   map[string]fieldModel
	readers []*reader
	view    snapshot.View
}

// live is what the hash has now.
func (x *frozenFixture) live() map[string]string {
	live := map[string]string{}
	for name, m := range x.model {
		if m.at == 0 || x.now <= m.at {
			live[name] = m.value
		}
	}
	return live
}

func (x *frozenFixture) open() (*Shard, Fields) {
	sh := x.st.Lock(x.k)
	f, err := sh.Fields(x.k, x.now)
	if err != nil {
		x.t.Fatal(err)
	}
	return sh, f
}

func (x *frozenFixture) field() []byte { return []byte("field:" + strconv.Itoa(x.rnd.IntN(3000))) }

func (x *frozenFixture) value() []byte {
	n := x.rnd.IntN(200)
	switch x.rnd.IntN(60) {
	case 0:
		n = 1000 + x.rnd.IntN(3000) // out of line
	case 1:
		n = PinMin + x.rnd.IntN(1000)
	}
	return bytes.Repeat([]byte{byte(x.rnd.IntN(256))}, n)
}

func (x *frozenFixture) set(f *Fields) {
	name, v, at := x.field(), x.value(), int64(0)
	if x.rnd.IntN(4) == 0 {
		at = x.now + 1 + x.rnd.Int64N(100)
	}
	if _, err := f.Set(name, v, at); err != nil {
		x.t.Fatal(err)
	}
	x.model[string(name)] = fieldModel{string(v), at}
}

// change does one of the things that happen to hashes.
func (x *frozenFixture) change() {
	switch what := x.rnd.IntN(20); what {
	case 0, 1, 2, 3, 4, 5:
		sh, f := x.open()
		for range x.rnd.IntN(200) {
			x.set(&f)
		}
		f.Done()
		sh.Unlock()
	case 6, 7:
		sh, f := x.open()
		for range x.rnd.IntN(300) {
			name := x.field()
			f.Delete(name)
			delete(x.model, string(name))
		}
		f.Done()
		sh.Unlock()
	case 8, 9: // all or none
		sh, f := x.open()
		before := maps.Clone(x.model)
		f.Begin()
		for range x.rnd.IntN(200) {
			x.set(&f)
		}
		if x.rnd.IntN(2) == 0 {
			f.Undo()
			x.model = before
		}
		f.Done()
		sh.Unlock()
	case 10:
		x.now += x.rnd.Int64N(30)
	case 11:
		x.now += 2 * expiry.MaxWait
		x.st.Sweep(x.now, time.Hour)
		x.model = map[string]fieldModel{}
		sh, f := x.open()
		f.Each(func(name, v []byte, at int64) bool {
			x.model[string(name)] = fieldModel{string(v), at}
			return true
		})
		sh.Unlock()
	case 12: // the key expires later, which moves its entry
		sh := x.st.Lock(x.k)
		if e, ok := sh.Peek(x.k, x.now); ok {
			if err := sh.SetExpiry(x.k, e, x.now+1<<40); err != nil {
				x.t.Fatal(err)
			}
		}
		sh.Unlock()
	case 13:
		if x.view == nil {
			x.view = openView(x.t, x.st.View)
		} else {
			x.view.Close(true)
			x.view = nil
		}
	case 14, 15:
		if x.rnd.IntN(3) == 0 {
			x.end()
		}
	default:
		for x.st.compactor.run(x.now) {
		}
	}
}

// end removes the hash in one of the ways to do so.
func (x *frozenFixture) end() {
	what := x.rnd.IntN(6)
	if what == 5 {
		x.attach()
		return
	}
	if what == 0 {
		x.st.Whole().Flush()()
		x.model = map[string]fieldModel{}
		return
	}
	sh := x.st.Lock(x.k)
	defer sh.Unlock()
	before := x.model
	x.model = map[string]fieldModel{}
	switch what {
	case 1:
		sh.Delete(x.k, x.now)
	case 2, 3: // replaced by another hash, or nearly
		f, err := sh.Replace(x.k, 0, x.now)
		if err != nil {
			x.t.Fatal(err)
		}
		for range 200 {
			x.set(&f)
		}
		if what == 3 {
			f.Undo()
			x.model = before
			return
		}
		f.Done()
	default:
		if err := sh.Set(x.k, []byte("a string"), 0, x.now); err != nil {
			x.t.Fatal(err)
		}
		sh.Delete(x.k, x.now)
	}
}

// attach replaces the hash by one that was built apart.
func (x *frozenFixture) attach() {
	d, err := x.st.Draft(x.k, 0, x.now)
	if err != nil {
		x.t.Fatal(err)
	}
	x.model = map[string]fieldModel{}
	for range 200 {
		x.set(&d.f)
	}
	sh := x.st.Lock(x.k)
	defer sh.Unlock()
	if err := sh.Attach(x.k, d, x.now); err != nil {
		x.t.Fatal(err)
	}
}

func (x *frozenFixture) freeze() {
	sh, f := x.open()
	defer sh.Unlock()
	if z := f.Freeze(true); z != nil {
		x.readers = append(x.readers, &reader{z, x.live(), map[string]string{}})
	}
}

// step lets one of the readers read on.
func (x *frozenFixture) step() {
	if len(x.readers) == 0 {
		return
	}
	i := x.rnd.IntN(len(x.readers))
	r := x.readers[i]
	var c Copies
	names := [][]byte{x.field(), x.field(), x.field()}
	sh := x.st.Lock(x.k)
	found := []int{-1, -1, -1}
	if len(r.seen) == 0 { // nothing is read yet, so that all is there to be found
		found = r.z.FindAll(names, &c)
	}
	for j, at := range found {
		want, ok := r.want[string(names[j])]
		if ok = ok && len(r.seen) == 0; ok != (at >= 0) {
			x.t.Fatalf("%q is found: %v, was there: %v", names[j], at >= 0, ok)
		}
		if ok {
			if _, v := c.Field(at); string(v) != want {
				x.t.Fatalf("%q has %d bytes, had %d", names[j], len(v), len(want))
			}
		}
	}
	c.Free()
	more := r.z.Read(&c)
	if x.rnd.IntN(40) == 0 {
		more = false
		r.seen = r.want // enough was read
	}
	if !more {
		defer func() {
			sh := x.st.Lock(x.k)
			r.z.Close()
			sh.Unlock()
		}()
	}
	sh.Unlock()
	for j := range c.Len() {
		name, v := c.Field(j)
		want, ok := r.want[string(name)]
		if _, again := r.seen[string(name)]; !ok || want != string(v) || again && more {
			x.t.Fatalf("%q with %d bytes comes, was there: %v with %d bytes, came before: %v", name, len(v), ok, len(want), again)
		}
		if more || len(r.seen) < len(r.want) {
			r.seen[string(name)] = want
		}
	}
	c.Free()
	if !more {
		if len(r.seen) != len(r.want) {
			x.t.Fatalf("%d fields were read of %d", len(r.seen), len(r.want))
		}
		x.readers = append(x.readers[:i], x.readers[i+1:]...)
	}
}

// What is read in steps is the hash as it was, whatever happens to it meanwhile.
func TestAFrozenHashIsReadAsItWas(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			st := newStore(t, Options{Shards: 1})
			x := &frozenFixture{
				t: t, st: st, k: st.Key([]byte("hash")), rnd: rand.New(rand.NewPCG(seed, 1)), now: epoch,
				model: map[string]fieldModel{},
			}
			read := 0
			for range 1500 {
				switch x.rnd.IntN(8) {
				case 0, 1, 2:
					x.change()
				case 3:
					if len(x.readers) < 3 {
						x.freeze()
					}
				default:
					if len(x.readers) > 0 {
						read++
					}
					x.step()
				}
			}
			for len(x.readers) > 0 {
				x.step()
			}
			if x.view != nil {
				x.view.Close(true)
			}
			if read < 100 {
				t.Errorf("only %d steps", read)
			}
			for i := range st.shards {
				if n := st.shards[i].hashes.Readers(); n > 0 {
					t.Errorf("%d hashes are still being read", n)
				}
			}
			checkStore(t, st, st.Key, 0)
			sh, f := x.open()
			defer sh.Unlock()
			for name, want := range x.live() {
				if v, _, ok := f.Get([]byte(name)); !ok || string(v) != want {
					t.Fatalf("%q is there: %v", name, ok)
				}
			}
		})
	}
}
