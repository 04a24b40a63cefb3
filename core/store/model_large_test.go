package store

import (
	"bytes"

	"pgregory.net/rapid"
)

// pinned is a value that the machine pinned and what it must stay.
type pinned struct {
	value, want []byte
	ref         uint64
}

// stage writes a large value outside the lock and puts or drops it.
func (m *machine) stage(rt *rapid.T) {
	k, n, at := m.key(rt), PinMin+rapid.IntRange(0, 300_000).Draw(rt, "beyond"), m.expiry(rt)
	s, err := m.st.Stage(len(k.Bytes), n)
	if err != nil {
		rt.Fatal(err)
	}
	if len(s.Bytes()) != n || s.KeyLen() != len(k.Bytes) {
		rt.Fatalf("staged %d bytes for a key of %d", len(s.Bytes()), s.KeyLen())
	}
	v := m.value(n)
	copy(s.Bytes(), v)
	if rapid.IntRange(0, 3).Draw(rt, "drop") == 0 {
		s.Free()
		return
	}
	sh := m.st.Lock(k)
	defer sh.Unlock()
	if err := sh.PutStaged(k, s, at, m.now); err != nil {
		rt.Fatal(err)
	}
	m.model[string(k.Bytes)] = held{v, at}
}

func (m *machine) pin(rt *rapid.T) {
	k := m.key(rt)
	sh, e, ok := m.find(rt, k)
	defer sh.Unlock()
	if !ok {
		return
	}
	value, ref, ok := sh.Pin(e)
	if ok != (e.Len() >= PinMin) {
		rt.Fatalf("Pin of %d bytes says %v", e.Len(), ok)
	}
	if !ok {
		return
	}
	if sh.Writable(e) {
		rt.Fatalf("a pinned value is writable")
	}
	m.pins = append(m.pins, pinned{value, m.model[string(k.Bytes)].value, ref})
}

func (m *machine) unpin(rt *rapid.T) {
	if len(m.pins) == 0 {
		return
	}
	i := rapid.IntRange(0, len(m.pins)-1).Draw(rt, "pin")
	if !bytes.Equal(m.pins[i].value, m.pins[i].want) {
		rt.Fatalf("a pinned value of %d bytes was changed", len(m.pins[i].want))
	}
	m.st.Unpin(m.pins[i].ref)
	m.pins = append(m.pins[:i], m.pins[i+1:]...)
}

// edit writes a byte in place, the way a command with an offset does.
func (m *machine) edit(rt *rapid.T) {
	k := m.key(rt)
	sh, e, ok := m.find(rt, k)
	defer sh.Unlock()
	if !ok || e.Len() == 0 {
		return
	}
	dst := e.Value()
	if !sh.Writable(e) {
		var err error
		if dst, err = sh.Resize(k, e, e.Len()); err != nil {
			rt.Fatal(err)
		}
	}
	v := bytes.Clone(m.model[string(k.Bytes)].value)
	i := rapid.IntRange(0, len(v)-1).Draw(rt, "i")
	dst[i], v[i] = 'x', 'x'
	sh.Changed(k)
	m.model[string(k.Bytes)] = held{v, m.model[string(k.Bytes)].expireAt}
}
