package rdb

import (
	"encoding/binary"
	"math/bits"
)

// jones is the CRC-64 polynomial that Redis uses, bit-reversed: bit 63 stands
// for x^0. Redis's CRC starts from 0 and is not inverted, so that it is linear:
// the sum of a stream can be made of the sums of its parts.
const jones = 0x95AC9329AC4BC9B5

// slice is how many bytes are summed at a time.
const slice = 16

// tables[k][b] is the sum of the byte b followed by k zeroes ("slicing by 16",
// after Kounavis and Berry, 2005).
var tables = func() (t [slice][256]uint64) {
	for b := range t[0] {
		sum := uint64(b)
		for range 8 {
			sum = sum>>1 ^ jones&-(sum&1)
		}
		t[0][b] = sum
	}
	for k := 1; k < slice; k++ {
		for b := range t[k] {
			sum := t[k-1][b]
			t[k][b] = sum>>8 ^ t[0][byte(sum)]
		}
	}
	return t
}()

// checksumTables is checksum in steps of 16 bytes.
func checksumTables(sum uint64, p []byte) uint64 {
	t := &tables
	for len(p) >= slice {
		a := sum ^ binary.LittleEndian.Uint64(p)
		b := binary.LittleEndian.Uint64(p[8:])
		sum = t[15][byte(a)] ^ t[14][byte(a>>8)] ^ t[13][byte(a>>16)] ^ t[12][byte(a>>24)] ^
			t[11][byte(a>>32)] ^ t[10][byte(a>>40)] ^ t[9][byte(a>>48)] ^ t[8][a>>56] ^
			t[7][byte(b)] ^ t[6][byte(b>>8)] ^ t[5][byte(b>>16)] ^ t[4][byte(b>>24)] ^
			t[3][byte(b>>32)] ^ t[2][byte(b>>40)] ^ t[1][byte(b>>48)] ^ t[0][b>>56]
		p = p[slice:]
	}
	for _, b := range p {
		sum = sum>>8 ^ t[0][byte(sum)^b]
	}
	return sum
}

// zeroes[k] is x to the power of 8 times 2^k, by which a sum is multiplied to
// take it past 2^k zero bytes.
var zeroes = func() (z [64]uint64) {
	z[0] = power(8)
	for k := 1; k < len(z); k++ {
		z[k] = multiply(z[k-1], z[k-1])
	}
	return z
}()

// power is x to the power of n.
func power(n int) uint64 {
	p := uint64(1 << 63)
	for range n {
		p = p>>1 ^ jones&-(p&1)
	}
	return p
}

// multiply is the product of two polynomials, modulo that of the checksum.
func multiply(a, b uint64) (product uint64) {
	for ; a != 0; a <<= 1 {
		product ^= b & -(a >> 63)
		b = b>>1 ^ jones&-(b&1)
	}
	return product
}

// combine is the sum of two parts of a stream, of which the second has n bytes
// and begins from 0 with its own sum.
func combine(first, second uint64, n int64) uint64 {
	for m := uint64(n); m != 0; m &= m - 1 {
		first = multiply(zeroes[bits.TrailingZeros64(m)], first)
	}
	return first ^ second
}
