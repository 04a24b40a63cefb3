package store

import "github.com/redistill-go/redistill/core/store/arena"

// Copies are keys, or fields of a hash, that one step under a lock has met and
// that its caller looks at without the lock: so what takes long, as matching
// them against a pattern, keeps nobody waiting. The zero Copies is ready; Free
// ends their use and makes it ready again.
//
// What is long is pinned and not copied.
type Copies struct {
	bytes []byte
	items []copied
	pins  []arena.Ref
	moved int // bytes of items that came from others
	st    *Store
}

type copied struct {
	name, value []byte
	expireAt    int64 // of a field
	kind        Type
}

const (
	// copiesBytes is how many bytes end a step: what is copied in some tens of
	// microseconds.
	copiesBytes = 64 << 10
	// keepCopies is how many items a Copies keeps room for.
	keepCopies = 1024
)

// Len is how many keys or fields there are.
func (c *Copies) Len() int { return len(c.items) }

// Key is a key and the type of its value.
func (c *Copies) Key(i int) ([]byte, Type) { return c.items[i].name, c.items[i].kind }

// Field is a field and its value, nil if values were not asked for.
func (c *Copies) Field(i int) (name, value []byte) { return c.items[i].name, c.items[i].value }

// FieldExpiry is when a field expires, in ms since the Unix epoch; 0: never.
func (c *Copies) FieldExpiry(i int) int64 { return c.items[i].expireAt }

// Free forgets all of them.
func (c *Copies) Free() {
	for _, ref := range c.pins {
		c.st.arena.Unpin(ref)
	}
	c.pins, c.moved = c.pins[:0], 0
	clear(c.items)
	c.items, c.bytes = c.items[:0], c.bytes[:0]
	if cap(c.items) > keepCopies {
		c.items = nil
	}
	if cap(c.bytes) > 2*copiesBytes {
		c.bytes = nil
	}
}

// full says whether the step has copied enough.
func (c *Copies) full() bool { return len(c.bytes)+c.moved >= copiesBytes }

// addKey adds the key of an entry of the shard, which is locked.
func (c *Copies) addKey(sh *Shard, e Entry) {
	c.items = append(c.items, copied{name: c.take(sh.st, e.Key(), e.ref()), kind: e.Type()})
}

// addField adds a field of a hash whose shard is locked.
func (c *Copies) addField(st *Store, p packed, value []byte, withValue bool) {
	f := copied{name: c.take(st, p.field, 0), expireAt: p.at}
	if withValue {
		f.value = c.take(st, value, arena.Ref(p.ref))
	}
	c.items = append(c.items, f)
}

// move takes over what from has.
func (c *Copies) move(from *Copies) {
	c.items = append(c.items, from.items...)
	c.pins = append(c.pins, from.pins...)
	if from.st != nil {
		c.st = from.st
	}
	c.moved += len(from.bytes)
	*from = Copies{}
}

// take is b for use after the lock: b itself if it is long and can be pinned,
// being in the block ref, or a copy.
func (c *Copies) take(st *Store, b []byte, ref arena.Ref) []byte {
	if len(b) >= PinMin && ref != 0 && st.arena.Pin(ref) {
		c.st, c.pins = st, append(c.pins, ref)
		return b
	}
	at := len(c.bytes)
	c.bytes = append(c.bytes, b...) // earlier copies stay where they are
	return c.bytes[at:len(c.bytes):len(c.bytes)]
}
