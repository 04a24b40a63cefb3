// Package sys is the floor that the server stands on: memory that the Go
// garbage collector neither scans nor moves, and reads and writes of sockets
// that the Go scheduler does not notice. It is the only package of the tree
// that uses unsafe.
//
// Invariants of memory (Region):
//   - A Region's base never changes and its whole range stays reserved until
//     Close; no address in it is ever given to the Go heap.
//   - Only bytes that Commit has been called for may be read or written.
//   - No Go pointer is ever stored in a region: the collector would not see it.
//     The element type of Slice must therefore hold no pointers, which Slice
//     checks.
//   - A slice made by Bytes, Words or Slice is valid until Close. The region
//     does not know what its bytes are used for: a slice into a block that was
//     freed reads whatever came after. Callers keep such slices only as long
//     as the lock that guards the block.
//
// With the build tag race or invariants every access is checked against the
// region's size; without it the accessors are a few instructions.
//
// Invariants of sockets (Read, Write):
//   - The descriptor is open for the whole call, which its owner makes sure
//     of, and non-blocking: a call that could wait would hold up every
//     goroutine of its processor.
//   - The buffer stays reachable for the whole call.
//
// Concurrency: all but Region.Close may be called from any goroutine. A region
// orders nothing between them: whoever shares bytes brings the lock.
package sys
