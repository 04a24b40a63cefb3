package hostile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc64"
	"strings"

	"github.com/redistill-go/redistill/integration/harness"
)

// Command is one request.
func Command(args ...string) []byte { return harness.AppendCommand(nil, args...) }

// Repeat is a request n times.
func Repeat(n int, request []byte) []byte { return bytes.Repeat(request, n) }

// Join is several requests in one.
func Join(requests ...[]byte) []byte { return bytes.Join(requests, nil) }

// Half is a SET of size bytes that lacks its last one.
func Half(size int) []byte {
	whole := harness.AppendCommand(nil, "SET", "half", strings.Repeat("h", size))
	return whole[:len(whole)-len("h\r\n")]
}

// Keys is a request for the first n keys, such as MGET.
func Keys(name string, n int) []byte {
	args := make([]string, 1, n+1)
	args[0] = name
	for i := range n {
		args = append(args, Key(i))
	}
	return harness.AppendCommand(nil, args...)
}

// Gets is a GET of each of the first n keys.
func Gets(n int) (b []byte) {
	for i := range n {
		b = harness.AppendCommand(b, "GET", Key(i))
	}
	return b
}

// Overwrites is n SETs of the keys with values of size bytes, in turn.
func Overwrites(n, keys, size int) (b []byte) {
	value := Noise(size)
	for i := range n {
		b = harness.AppendCommand(b, "SET", Key(i%keys), value)
	}
	return b
}

// Hash makes a hash of fields with values of size bytes, in one reply for every
// thousand of them.
func Hash(name string, fields, size int) Crowd {
	const atATime = 1000
	value := Noise(size)
	c := Crowd{Clients: 1}
	for first := 0; first < fields; first += atATime {
		args := []string{"HSET", name}
		for i := first; i < min(first+atATime, fields); i++ {
			args = append(args, fmt.Sprintf("field:%07d", i), value)
		}
		c.Says = harness.AppendCommand(c.Says, args...)
		c.Replies++
	}
	return c
}

// NewFields is one HSET of so many small fields.
func NewFields(name string, fields int) []byte {
	args := make([]string, 2, 2*fields+2)
	args[0], args[1] = "HSET", name
	for i := range fields {
		args = append(args, fmt.Sprintf("field:%07d", i), "v")
	}
	return harness.AppendCommand(nil, args...)
}

// Restore is a RESTORE of a string of size bytes whose payload is compressed to
// about a ninetieth of that.
func Restore(name string, size int) []byte {
	return harness.AppendCommand(nil, "RESTORE", name, "0", bomb(size), "REPLACE")
}

const (
	typeString   = 0
	encodedLZF   = 0xc3
	length32     = 0x80
	version      = 10 // of the format: what Redis 7.0 and all since read
	longestCopy  = 264
	reversedPoly = 0x95ac9329ac4bc9b5 // of the CRC-64 by Jones
)

// bomb is the payload of a DUMP: the same byte over and over, in LZF's longest
// copies of what came before.
func bomb(size int) string {
	lzf := []byte{0, 'b'}
	left := size - 1
	for left >= longestCopy {
		lzf = append(lzf, 7<<5, longestCopy-9, 0)
		left -= longestCopy
	}
	for ; left > 0; left-- {
		lzf = append(lzf, 0, 'b')
	}
	p := []byte{typeString, encodedLZF, length32}
	p = binary.BigEndian.AppendUint32(p, uint32(len(lzf)))
	p = binary.BigEndian.AppendUint32(append(p, length32), uint32(size))
	p = append(p, lzf...)
	p = binary.LittleEndian.AppendUint16(p, version)
	// Go's CRC is inverted before and after, this one is not.
	crc := ^crc64.Update(^uint64(0), crc64.MakeTable(reversedPoly), p)
	return string(binary.LittleEndian.AppendUint64(p, crc))
}
