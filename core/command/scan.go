package command

import (
	"bytes"
	"strconv"

	"github.com/redistill-go/redistill/core/resp"
)

// defaultScanCount is how many entries SCAN looks at unless told otherwise.
const defaultScanCount = 10

func cmdScan(c *Ctx) {
	cursor, ok := parseCursor(c.Args[1])
	if !ok {
		c.W.Error("ERR invalid cursor")
		return
	}
	count := int64(defaultScanCount)
	var match, typeName []byte
	for i := 2; i < len(c.Args); i += 2 {
		switch option := c.Args[i]; {
		case i+1 == len(c.Args):
			c.W.Error(errSyntax)
			return
		case equalFold(option, "count"):
			if count, ok = c.integer(i + 1); !ok {
				c.W.Error(errNotInteger)
				return
			}
			if count < 1 {
				c.W.Error(errSyntax)
				return
			}
		case equalFold(option, "match"):
			match = c.Args[i+1]
		case equalFold(option, "type"):
			typeName = c.Args[i+1]
		default:
			c.W.Error(errSyntax)
			return
		}
	}
	c.scan(cursor, int(count), match, typeName)
}

// scan replies with the keys of one step, which is many steps for the shards if
// count is large. It ends early when the reply has become as long as it may.
func (c *Ctx) scan(cursor uint64, count int, match, typeName []byte) {
	// The new cursor comes first in the reply and last in time.
	keys := c.listKeys(match, typeName)
	for {
		var seen int
		cursor, seen = keys.step(cursor, min(count, keysStep))
		if count -= seen; count <= 0 || cursor == 0 || keys.w.Overflow || c.Gone() {
			break
		}
	}
	c.W.Array(2)
	c.replyCursor(cursor)
	keys.join()
}

// replyCursor writes where the next SCAN or HSCAN is to go on.
func (c *Ctx) replyCursor(cursor uint64) {
	c.Scratch = strconv.AppendUint(c.Scratch[:0], cursor, 10)
	c.W.Bulk(c.Scratch)
}

// parseCursor reads a cursor as Redis does, up to a zero byte: an integer as it
// is usually written must not be negative, and anything else is what C's
// strtoul makes of it, with white space and a sign before the digits.
func parseCursor(b []byte) (uint64, bool) {
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
