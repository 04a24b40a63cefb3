package glob

// maxBits is the longest piece that findBits takes: its table has 32 bytes for
// each element.
const maxBits = 1 << 17

// findBits is find for a piece that nearly matches in many places, which takes
// find the product of both lengths. It looks for all beginnings of the piece at
// once, one bit for each (Shift-And: Baeza-Yates and Gonnet, 1992), and is 64
// times as fast in the worst case.
func (m *matcher) findBits(text []byte, length int, s []byte) int {
	words := (length + 63) / 64
	// Which elements a byte matches.
	table := make([]uint64, 256*words)
	for i := 0; len(text) > 0; i++ {
		n := 0
		for c := range 256 {
			var ok bool
			if n, ok = match(text, byte(c), m.fold); ok {
				table[c*words+i/64] |= 1 << (i % 64)
			}
		}
		if m.ended(256 * n) {
			return -1
		}
		text = text[n:]
	}
	// Which beginnings end with the byte before.
	state := make([]uint64, words)
	last := uint64(1) << ((length - 1) % 64)
	for at, c := range s {
		carry := uint64(1)
		for i, here := range table[int(c)*words:][:words] {
			state[i], carry = (state[i]<<1|carry)&here, state[i]>>63
		}
		if state[words-1]&last != 0 {
			return at + 1 - length
		}
		if m.ended(words) {
			return -1
		}
	}
	return -1
}
