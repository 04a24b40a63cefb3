package resp

import "strconv"

// The functions below append whole elements of RESP2 to a buffer, for who writes
// messages outside of a Writer.

// AppendSimple appends a simple string, which has no line break in it.
func AppendSimple(b []byte, s string) []byte { return append(append(append(b, '+'), s...), '\r', '\n') }

// AppendInt appends an integer.
func AppendInt(b []byte, n int64) []byte { return appendHead(b, ':', n) }

// AppendArray appends the head of an array of n elements.
func AppendArray(b []byte, n int) []byte { return appendHead(b, '*', int64(n)) }

// AppendBulk appends a bulk string.
func AppendBulk[S []byte | string](b []byte, s S) []byte {
	return append(append(appendHead(b, '$', int64(len(s))), s...), '\r', '\n')
}

func appendHead(b []byte, kind byte, n int64) []byte {
	return append(strconv.AppendInt(append(b, kind), n, 10), '\r', '\n')
}
