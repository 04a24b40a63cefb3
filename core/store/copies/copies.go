// Package copies is for what a step under a lock takes along for use after it.
//
// A List belongs to one goroutine. Nothing of it points into memory that a lock guards:
// it has copies, and blocks of the arena that it has pinned until Free.
package copies

import (
	"bytes"

	"github.com/redistill-go/redistill/core/store/arena"
)

// List is keys, or fields of a hash, that one step under a lock has met and that its
// caller looks at without the lock: so what takes long, as matching them against a
// pattern, keeps nobody waiting. The zero List is ready; Free ends the use of what is in
// it and makes it ready again.
//
// What is long is pinned and not copied.
type List struct {
	bytes []byte
	items []item
	pins  []arena.Ref
	moved int // bytes of items that came from others
	arena *arena.Arena
}

type item struct {
	name, value []byte
	expireAt    int64 // of a field
	kind        uint8 // of a key
}

const (
	// PinMin is the length from which something is pinned: shorter ones are cheaper to
	// copy.
	PinMin = 64 << 10
	// StepBytes is how many bytes end a step: what is copied in some tens of
	// microseconds.
	StepBytes = 64 << 10
	// keepItems is how many items a List keeps room for.
	keepItems = 1024
)

// Len is how many keys or fields there are.
func (c *List) Len() int { return len(c.items) }

// Key is a key and the type of its value, a number of the store's.
func (c *List) Key(i int) (key []byte, kind uint8) { return c.items[i].name, c.items[i].kind }

// Field is a field and its value, nil if values were not asked for.
func (c *List) Field(i int) (name, value []byte) { return c.items[i].name, c.items[i].value }

// FieldExpiry is when a field expires, in ms since the Unix epoch; 0: never.
func (c *List) FieldExpiry(i int) int64 { return c.items[i].expireAt }

// Bytes is how many bytes were copied.
func (c *List) Bytes() int { return len(c.bytes) }

// Pinned is how many blocks are pinned.
func (c *List) Pinned() int { return len(c.pins) }

// Free forgets all of them.
func (c *List) Free() {
	for _, ref := range c.pins {
		c.arena.Unpin(ref)
	}
	c.pins, c.moved = c.pins[:0], 0
	clear(c.items)
	c.items, c.bytes = c.items[:0], c.bytes[:0]
	if cap(c.items) > keepItems {
		c.items = nil
	}
	if cap(c.bytes) > 2*StepBytes {
		c.bytes = nil
	}
}

// Full says whether the step has copied enough.
func (c *List) Full() bool { return len(c.bytes)+c.moved >= StepBytes }

// AddKey adds a key that is in the block ref.
func (c *List) AddKey(a *arena.Arena, key []byte, ref arena.Ref, kind uint8) {
	c.items = append(c.items, item{name: c.take(a, key, ref), kind: kind})
}

// AddField adds a field and its value; nil: without. ref is the value's block, 0 if it
// has none of its own.
func (c *List) AddField(a *arena.Arena, name, value []byte, ref arena.Ref, expireAt int64) {
	f := item{name: c.take(a, name, 0), expireAt: expireAt}
	if value != nil {
		f.value = c.take(a, value, ref)
	}
	c.items = append(c.items, f)
}

// Share adds the field of that name from another list, which keeps it and is not freed
// before this one, and says whether there is one.
func (c *List) Share(from *List, name []byte) bool {
	for i := range from.items {
		if bytes.Equal(from.items[i].name, name) {
			c.items = append(c.items, from.items[i])
			return true
		}
	}
	return false
}

// Move takes over what from has.
func (c *List) Move(from *List) {
	c.items = append(c.items, from.items...)
	c.pins = append(c.pins, from.pins...)
	if from.arena != nil {
		c.arena = from.arena
	}
	c.moved += len(from.bytes)
	*from = List{}
}

// take is b for use after the lock: b itself if it is long and can be pinned,
// being in the block ref, or a copy.
func (c *List) take(a *arena.Arena, b []byte, ref arena.Ref) []byte {
	if len(b) >= PinMin && ref != 0 && a.Pin(ref) {
		c.arena, c.pins = a, append(c.pins, ref)
		return b
	}
	at := len(c.bytes)
	c.bytes = append(c.bytes, b...) // earlier copies stay where they are
	return c.bytes[at:len(c.bytes):len(c.bytes)]
}
