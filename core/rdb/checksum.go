package rdb

import "hash/crc64"

// jones is the CRC-64 polynomial that Redis uses, bit-reversed.
var jones = crc64.MakeTable(0x95AC9329AC4BC9B5)

// checksum continues sum over p. Redis's CRC starts from 0 and is not
// inverted, where the standard library inverts before and after; feed it large
// blocks, since the library builds its slicing-by-8 tables on each call.
func checksum(sum uint64, p []byte) uint64 {
	return ^crc64.Update(^sum, jones, p)
}
