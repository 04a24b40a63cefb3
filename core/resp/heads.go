package resp

import (
	"encoding/binary"
	"strconv"
)

// crlf is the end of a line, as binary.LittleEndian reads and writes it.
const crlf = '\r' | '\n'<<8

// heads are what bulk strings begin with, by their length: "$12\r\n" for 12. Each is
// written at once, as binary.LittleEndian does: what it writes behind the head is
// overwritten. The bits from headLen on are how many bytes the head has.
var heads = func() (list [1000]uint64) {
	for n := range list {
		var word [8]byte
		b := append(strconv.AppendInt(append(word[:0], '$'), int64(n), 10), "\r\n"...)
		list[n] = binary.LittleEndian.Uint64(word[:]) | uint64(len(b))<<headLen
	}
	return list
}()

const headLen = 56
