// Package buffer hands out byte buffers outside the Go heap: what clients send
// and what waits to be sent to them.
//
// On the Go heap a buffer that is let go of stays until the collector runs, and
// the heap may then grow by half again before it does; so one client's large
// reply would cost the server twice what it holds, for minutes. Here a buffer's
// pages go back to the operating system the moment it is put back, but for a
// few that are kept for the next.
//
// Buffers of up to ChunkSize come in powers of two from MinSize on. A chunk is
// ChunkSize bytes of one region and holds buffers of one size; a chunk in which
// none is in use is free for any size. Longer buffers are mappings of their own.
//
// Invariants: a chunk's memory is backed only while a buffer in it is in use or
// the chunk is one of the few kept warm; what Held says is what was handed out,
// each buffer with its whole capacity.
//
// Concurrency: all methods may be called from any goroutine. A buffer belongs to
// whoever got it, until it is put back; whoever reads it afterwards reads what
// is somebody else's, or zeros.
package buffer
