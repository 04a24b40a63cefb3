// Package rdb reads and writes Redis snapshot files. It writes RDB version 10,
// which every Redis since 7.0 and every Valkey reads, and reads versions 5 to
// 12. Today it knows string values; another type is one more case in
// Decoder.payload and one more method of Encoder.
//
// It is a format and no module: package file keeps such files on disk.
//
// Invariants: a stream is read and written once, from front to back, in
// bounded memory; no allocation is made on the word of a length that the
// stream only claims; what the decoder has returned before it found damage is
// well-formed but not yet covered by the checksum, which stands at the end.
//
// Concurrency: an Encoder or a Decoder belongs to one goroutine at a time.
package rdb
