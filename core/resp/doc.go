// Package resp reads requests and writes replies in RESP2 and RESP3, the Redis
// serialization protocol.
//
// The reader takes bytes as they come, keeps its place when a request is
// incomplete, and trusts no length that a client announces: it allocates for
// bytes that have arrived, never for bytes that were promised. What does not end
// with CR LF as it should ends the conversation: the data of a client that counts
// wrongly would run as requests. Arguments are
// places in the input, so that reading copies nothing. The writer appends to a
// buffer.
//
// Concurrency: a Parser and a Writer belong to one goroutine at a time.
//
// See https://redis.io/docs/latest/develop/reference/protocol-spec/.
package resp
