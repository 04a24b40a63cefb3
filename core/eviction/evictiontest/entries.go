package evictiontest

import (
	"fmt"

	"github.com/redistill-go/redistill/core/eviction"
)

// entries are what candidates are made of. The place of one is its number.
type entries struct {
	keys [][]byte
	from *eviction.Entries // of these
}

// newEntries makes some of all types and many sizes, these keys among them.
func newEntries(keys []string) *entries {
	es := &entries{}
	es.from = eviction.NewEntries(es)
	for _, key := range keys {
		es.keys = append(es.keys, []byte(key))
	}
	for i := range 1000 {
		es.keys = append(es.keys, fmt.Appendf(nil, "%d:%0*d", i, i%50, i))
	}
	es.keys = append(es.keys, nil)
	return es
}

// Type implements eviction.Looker: a type that there is none of yet is among them.
func (es *entries) Type(at uint64) string { return [...]string{"string", "hash", "new"}[at%3] }

// Size implements eviction.Looker: 16 bytes to 16 GiB.
func (es *entries) Size(at uint64) int64 { return 16 << (at % 31) }

// Key implements eviction.Looker.
func (es *entries) Key(at uint64) []byte { return es.keys[at] }
