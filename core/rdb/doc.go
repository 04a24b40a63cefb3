// Package rdb reads and writes Redis snapshot files. It writes RDB version 10,
// which every Redis since 7.0 and every Valkey reads, and reads versions 5 to
// 14 of Redis and 80, that of Valkey 9. It knows strings and hashes, hashes in
// every encoding that Redis has had since 4.0, and Valkey since. A hash whose
// fields expire is written in the encoding of Redis 7.4: older servers refuse a
// file with one, and read every other file.
//
// It is a format and no module: package file keeps such files on disk.
//
// Both directions use all cores, since the records of a file are in no
// particular order. A Writer is the file; each of its Encoders turns records
// into chunks that it appends whole. A Reader cuts the file into Blocks of
// whole records, looking at no more than lengths; Decoders turn blocks into
// records. The checksum of the file is put together from those of the parts.
//
// Invariants: a stream is read and written once, from front to back; no memory
// is allocated on the word of a length that the stream only claims; whatever a
// value says about itself twice is the same twice, or it is refused; a buffer
// is as large as a record in it only if the record is larger than BlockSize;
// what a decoder has returned before damage was found is well-formed but not
// yet covered by the checksum, which stands at the end.
//
// Concurrency: Writer.Begin and Finish and all of Reader belong to one
// goroutine, an Encoder, a Decoder or a Block to one at a time. Encoders of one
// Writer, and Decoders of blocks of one Reader, run at the same time.
package rdb
