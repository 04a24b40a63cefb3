package offline

import (
	"cmp"
	"container/heap"
	"slices"

	"github.com/redistill-go/redistill/core/snapshot"
)

// Key is one of the largest keys.
type Key struct {
	// Name is the key's first bytes, as many as can be shown.
	Name string `json:"key"`
	Type string `json:"type"`
	// Bytes are those of key and value together.
	Bytes  int64 `json:"bytes"`
	Fields int   `json:"fields,omitempty"`
	// ExpireAt is in milliseconds since the Unix epoch; 0: never.
	ExpireAt int64 `json:"expire_at_ms,omitempty"`
}

// maxName bounds what is remembered of a key's name.
const maxName = 256

// top remembers the largest keys: a heap with the least of them first.
type top struct {
	limit int
	keys  []Key
}

func (t *top) add(r snapshot.Record, name string, bytes int64) {
	if t.limit == 0 || len(t.keys) == t.limit && bytes <= t.keys[0].Bytes {
		return
	}
	k := Key{Name: string(r.Key[:min(len(r.Key), maxName)]), Type: name, Bytes: bytes, Fields: len(r.Fields), ExpireAt: r.ExpireAt}
	if len(t.keys) < t.limit {
		heap.Push(t, k)
		return
	}
	t.keys[0] = k
	heap.Fix(t, 0)
}

// sorted has the largest first, and keys of one size by name.
func (t *top) sorted() []Key {
	return slices.SortedFunc(slices.Values(t.keys), func(a, b Key) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(a.Name, b.Name))
	})
}

// Len and the methods below implement heap.Interface.
func (t *top) Len() int           { return len(t.keys) }
func (t *top) Less(i, j int) bool { return t.keys[i].Bytes < t.keys[j].Bytes }
func (t *top) Swap(i, j int)      { t.keys[i], t.keys[j] = t.keys[j], t.keys[i] }
func (t *top) Push(k any)         { t.keys = append(t.keys, k.(Key)) }
func (t *top) Pop() any {
	last := t.keys[len(t.keys)-1]
	t.keys = t.keys[:len(t.keys)-1]
	return last
}
