// Package rdb reads and writes Redis snapshot files. It writes RDB version 10,
// which every Redis since 7.0 and every Valkey reads, and reads versions 5 to
// 12. It knows strings and hashes, hashes in every encoding that Redis has had
// since 4.0. A hash whose fields expire is written in the encoding of Redis
// 7.4: older servers refuse a file with one.
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
