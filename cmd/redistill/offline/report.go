package offline

import (
	"context"
	"sync"
	"time"

	"github.com/redistill-go/redistill/core/snapshot"
)

// Report is what a snapshot holds. Sizes are in bytes, and those of keys and
// values are of their contents alone: what the store needs besides is not in
// them.
type Report struct {
	Backend string `json:"backend"`
	// Path is where the snapshot is.
	Path string `json:"path"`
	Keys int64  `json:"keys"`
	// Disk is what the snapshot takes on disk.
	Disk int64 `json:"disk_bytes"`
	// Skipped are keys of types that this server does not have.
	Skipped int64            `json:"skipped_keys"`
	Types   map[string]*Type `json:"types"`
	Sizes   Histogram        `json:"sizes"`  // of key and value together
	Expiry  Histogram        `json:"expiry"` // of the time that keys have left
	Largest []Key            `json:"largest"`
}

// Type is what the snapshot holds of one type of value.
type Type struct {
	Keys       int64 `json:"keys"`
	KeyBytes   int64 `json:"key_bytes"`
	ValueBytes int64 `json:"value_bytes"`
	// Fields are those of all hashes.
	Fields         int64 `json:"fields,omitempty"`
	ExpiringFields int64 `json:"expiring_fields,omitempty"`
}

// The names of types, as TYPE has them.
const (
	typeString = "string"
	typeHash   = "hash"
)

// Inspect reads a snapshot whose backend is open, counting its keys as of now.
// largest is how many of the largest keys it remembers.
func Inspect(ctx context.Context, from snapshot.Backend, now time.Time, largest int) (*Report, error) {
	c := &counter{
		now: now.UnixMilli(), top: top{limit: largest},
		report: &Report{Backend: from.ID(), Types: map[string]*Type{}, Sizes: newSizes(), Expiry: newExpiry()},
	}
	info, err := from.Load(ctx, c)
	if err != nil {
		return nil, err
	}
	r := c.report
	r.Disk, r.Skipped, r.Largest = info.Bytes, info.SkippedKeys, c.top.sorted()
	return r, nil
}

// counter is a sink that keeps nothing but figures.
type counter struct {
	now int64

	mu     sync.Mutex
	report *Report
	top    top
}

// Put implements snapshot.Sink.
func (c *counter) Put(r snapshot.Record) error {
	name, bytes, expiring := measure(r)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.report.Keys++
	t := c.report.Types[name]
	if t == nil {
		t = &Type{}
		c.report.Types[name] = t
	}
	t.Keys++
	t.KeyBytes += int64(len(r.Key))
	t.ValueBytes += bytes
	t.Fields += int64(len(r.Fields))
	t.ExpiringFields += expiring
	size := int64(len(r.Key)) + bytes
	c.report.Sizes.add(size)
	c.report.Expiry.addExpiry(r.ExpireAt, c.now)
	c.top.add(r, name, size)
	return nil
}

// measure returns the type of the record's value, its bytes and how many of
// its fields expire.
func measure(r snapshot.Record) (name string, bytes, expiring int64) {
	if r.Fields == nil {
		return typeString, int64(len(r.Value)), 0
	}
	for _, f := range r.Fields {
		bytes += int64(len(f.Name) + len(f.Value))
		if f.ExpireAt != 0 {
			expiring++
		}
	}
	return typeHash, bytes, expiring
}
