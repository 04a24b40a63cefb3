package sys

import "sync/atomic"

// Count is a number that one goroutine at a time changes, whoever holds the
// lock that guards it, and that anybody reads without the lock. The zero Count
// is 0.
//
// A change costs what that of a plain variable does, because nobody else
// changes it meanwhile: see add. An atomic one would cost as much as a second
// lock, for each write to the store.
type Count struct{ n int64 }

// Load is the number now. Of several that are read one after another, each is
// of its own moment.
func (c *Count) Load() int64 { return atomic.LoadInt64(&c.n) }

// Int is Load as an int.
func (c *Count) Int() int { return int(c.Load()) }

// Add adds to it. The caller holds the lock.
func (c *Count) Add(d int64) { c.set(c.n + d) }

// Store changes it. The caller holds the lock.
func (c *Count) Store(n int64) { c.set(n) }
