package sys

import "unsafe"

// StringBytes is s as bytes, which must not be written to: strings are
// immutable, and may be in memory that can't be.
func StringBytes(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
