package command

import (
	"bytes"
	"strconv"

	"github.com/redistill-go/redistill/core/resp"
)

// DefaultScanCount is how many entries SCAN looks at unless told otherwise.
const DefaultScanCount = 10

// ParseCursor reads a cursor as Redis does, up to a zero byte: an integer as it
// is usually written must not be negative, and anything else is what C's
// strtoul makes of it, with white space and a sign before the digits.
func ParseCursor(b []byte) (uint64, bool) {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	if n, ok := resp.ParseInt(b); ok {
		return uint64(n), n >= 0
	}
	b = bytes.TrimLeft(b, " \t\n\v\f\r")
	negative := len(b) > 0 && b[0] == '-'
	if negative || len(b) > 0 && b[0] == '+' {
		b = b[1:]
	}
	n, err := strconv.ParseUint(string(b), 10, 64)
	if negative {
		n = -n
	}
	return n, err == nil
}

// ReplyCursor writes where the next SCAN or HSCAN is to go on.
func (c *Ctx) ReplyCursor(cursor uint64) {
	c.Scratch = strconv.AppendUint(c.Scratch[:0], cursor, 10)
	c.W.Bulk(c.Scratch)
}
