package store

import "github.com/redistill-go/redistill/core/eviction"

// candidates tells a policy more of the entries that it judges, by the offset of
// each in the region. The shard is locked. It is as wide as a pointer, so that
// making an eviction.Entries of it allocates nothing.
type candidates struct{ sh *Shard }

var _ eviction.Entries = candidates{}

func (c candidates) entry(at uint64) Entry {
	return Entry{mem: c.sh.mem, off: at, header: c.sh.mem.Load(at)}
}

// Type implements eviction.Entries.
func (c candidates) Type(at uint64) string { return c.entry(at).Type().String() }

// Size implements eviction.Entries.
func (c candidates) Size(at uint64) int64 { return c.sh.Size(c.entry(at)) }

// Key implements eviction.Entries.
func (c candidates) Key(at uint64) []byte { return c.entry(at).Key() }
