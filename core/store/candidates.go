package store

import (
	"github.com/redistill-go/redistill/core/eviction"
	"github.com/redistill-go/redistill/core/sys"
)

// candidates tells a policy more of the entries that it judges, by the offset of each
// in the region. Their shard is locked.
type candidates struct{ mem sys.Region }

var _ eviction.Looker = candidates{}

func (c candidates) entry(at uint64) Entry {
	return Entry{mem: c.mem, off: at, header: c.mem.Load(at)}
}

// Type implements eviction.Looker.
func (c candidates) Type(at uint64) string { return c.entry(at).Type().String() }

// Size implements eviction.Looker.
func (c candidates) Size(at uint64) int64 { return c.entry(at).Size() }

// Key implements eviction.Looker.
func (c candidates) Key(at uint64) []byte { return c.entry(at).Key() }
