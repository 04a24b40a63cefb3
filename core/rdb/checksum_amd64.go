package rdb

import (
	"encoding/binary"

	"golang.org/x/sys/cpu"
)

// folds are what fold multiplies with: 64 and 0 bits past 512, and past 128.
// The multiplication of bit-reversed polynomials gives one power too many.
var folds = [4]uint64{power(64 + 512 - 1), power(512 - 1), power(64 + 128 - 1), power(128 - 1)}

// fold brings p, whose length is a positive multiple of 64, down to 16 bytes
// that have the same sum from 0 as p has from sum ("Fast CRC Computation for
// Generic Polynomials Using PCLMULQDQ", Gopal et al., Intel, 2009).
//
//go:noescape
func fold(sum uint64, p []byte, factors *[4]uint64) (low, high uint64)

// checksum continues sum over p.
func checksum(sum uint64, p []byte) uint64 {
	if n := len(p) &^ 63; n > 0 && cpu.X86.HasPCLMULQDQ {
		var last [16]byte
		low, high := fold(sum, p[:n], &folds)
		binary.LittleEndian.PutUint64(last[:], low)
		binary.LittleEndian.PutUint64(last[8:], high)
		sum, p = checksumTables(0, last[:]), p[n:]
	}
	return checksumTables(sum, p)
}
