package rdb

import "fmt"

// Version is the RDB version that Encoder writes.
const Version = 10

const (
	checksumSize = 8

	// MaxString is the longest key or value in bytes: 512 MiB.
	MaxString = 512 << 20
)

// Opcodes stand where the type of the next key could stand.
const (
	opKeyMeta      = 0xF3 // of Redis
	opSlotImport   = 0xF3 // of Valkey
	opSlotInfo     = 0xF4
	opFunction     = 0xF5
	opFunctionOld  = 0xF6
	opModuleAux    = 0xF7
	opIdle         = 0xF8
	opFreq         = 0xF9
	opAux          = 0xFA
	opResizeDB     = 0xFB
	opExpireTimeMs = 0xFC
	opExpireTime   = 0xFD
	opSelectDB     = 0xFE
	opEOF          = 0xFF
)

// The first byte of a length: its two high bits say how to go on.
const (
	len6Bit    = 0x00 // the other six bits are the length
	len14Bit   = 0x40 // six bits and one byte more
	len32Bit   = 0x80 // four bytes follow, big-endian
	len64Bit   = 0x81 // eight bytes follow, big-endian
	lenEncoded = 0xC0 // no length: a string in the encoding of the six bits
)

// String encodings.
const (
	encInt8  = 0
	encInt16 = 1
	encInt32 = 2
	encLZF   = 3
)

// Type is the type of a value, as its byte in the file.
type Type byte

// The value types that this package reads and writes.
const (
	String Type = 0
)

// String is the type's name in the words of the TYPE command.
func (t Type) String() string {
	switch t {
	case String:
		return "string"
	case 1, 10, 14, 18:
		return "list"
	case 2, 11, 20:
		return "set"
	case 3, 5, 12, 17:
		return "zset"
	case 4, 9, 13, 16, 22, 23, 24, 25:
		return "hash"
	case 6, 7:
		return "module value"
	case 15, 19, 21, 26, 27:
		return "stream"
	case 28:
		return "array"
	}
	return fmt.Sprintf("type %d", byte(t))
}
