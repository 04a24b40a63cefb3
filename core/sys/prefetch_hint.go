//go:build amd64 || arm64

package sys

import "unsafe"

// prefetch pulls the cache lines of n >= 1 bytes from p towards the processor.
//
//go:noescape
func prefetch(p unsafe.Pointer, n uint64)

// Prefetch pulls n >= 1 bytes from off towards the processor and waits for
// nothing, unlike a read. It is a hint: it faults nowhere and does nothing on
// processors for which it is not written.
func (r Region) Prefetch(off, n uint64) { prefetch(unsafe.Add(r.base, off), n) }
