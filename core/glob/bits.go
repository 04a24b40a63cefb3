package glob

import "math/bits"

// maxBits is the longest piece that findBits takes, which keeps a bit for each element.
const maxBits = 1 << 20

// stretch is how many bytes of a string findBits goes through at a time: enough that
// what it does for each block and stretch alone is little beside it.
const stretch = 64 << 10

// findBits is find for a piece that nearly matches in many places, which takes
// find the product of both lengths. It looks for all beginnings of the piece at
// once, one bit for each (Shift-And: Baeza-Yates and Gonnet, 1992), and is 64
// times as fast in the worst case.
//
// The piece is taken in blocks of 64 elements, and each block goes through a whole
// stretch of the string before the next one does. What passes from one block to the
// next is one bit for each byte of the stretch: that the block has matched to its end
// there. So a table for one block is enough, and what it takes does not grow with the
// product of anything: 12 KiB, and a bit for each element.
func (m *matcher) findBits(text []byte, length int, s []byte) int {
	blocks := make([]uint64, (length+63)/64) // which beginnings end with the last byte
	ends := make([]uint64, (min(len(s), stretch)+63)/64)
	for at := 0; at < len(s); at += stretch {
		part := s[at:min(at+stretch, len(s))]
		for i := range ends {
			ends[i] = 1<<64 - 1 // the piece may begin anywhere
		}
		rest, ended := text, uint64(1)
		for i := range blocks {
			var table [256]uint64
			if rest = m.tabulate(&table, rest); m.ended(len(part)) {
				return -1
			}
			b := block{table: &table, state: blocks[i], final: i == len(blocks)-1}
			if b.final {
				b.short = 64*len(blocks) - length
			}
			if found := b.pass(part, ends, ended); found >= 0 {
				return at + found + 1 - length
			}
			ended = blocks[i] >> 63
			blocks[i] = b.state
		}
	}
	return -1
}

// tabulate enters which of the first 64 elements each byte matches, and returns what
// comes after them.
func (m *matcher) tabulate(table *[256]uint64, text []byte) (rest []byte) {
	var any uint64
	for i := 0; i < 64 && len(text) > 0; i++ {
		n, bare := element(text)
		switch {
		case bare && !m.fold:
			table[text[0]] |= 1 << i
		case text[0] == '?':
			any |= 1 << i
		default:
			for c := range 256 {
				if _, ok := match(text, byte(c), m.fold); ok {
					table[c] |= 1 << i
				}
			}
			_ = m.ended(256 * n) // who calls asks as well
		}
		text = text[n:]
	}
	if any != 0 {
		for c := range table {
			table[c] |= any
		}
	}
	return text
}

// block is 64 elements of a piece, or what is left of it.
type block struct {
	table *[256]uint64
	state uint64 // which beginnings of the block end with the last byte
	short int    // how many elements less than 64 it has
	final bool   // it is the last block
}

// pass takes the block through a stretch. ends says after which bytes the block
// before has ended, and ended whether it had before the first one; afterwards ends
// says that of this block. It returns where the final block has ended first, and stops
// there; -1: nowhere, or it is another one.
func (b *block) pass(part []byte, ends []uint64, ended uint64) int {
	state, table, short := b.state, b.table, uint(b.short)&63
	for w := 0; len(part) > 0; w++ {
		some := part[:min(64, len(part))]
		part = part[len(some):]
		begins := ends[w]<<1 | ended
		ended = ends[w] >> 63
		var hits uint64 // of the bytes so far, the last one in the highest bit
		for _, c := range some {
			state = (state<<1 | begins&1) & table[c]
			begins >>= 1
			hits = hits>>1 | state<<short&(1<<63)
		}
		hits >>= 64 - len(some)
		if ends[w] = hits; b.final && hits != 0 {
			return 64*w + bits.TrailingZeros64(hits)
		}
	}
	b.state = state
	return -1
}
