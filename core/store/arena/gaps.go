package arena

// gaps counts free runs by their length in pages, none longer than a chunk. It
// tells whether runs would find room, as the heap would give it to them: in the
// shortest that does.
type gaps struct {
	count    [chunkPages + 1]int32
	nonEmpty [chunkPages/64 + 1]uint64
}

func (g *gaps) add(n int) {
	if n > 0 {
		g.count[n]++
		g.nonEmpty[n/64] |= 1 << (n % 64)
	}
}

// take takes n pages from the shortest gap with room for them, if there is one.
func (g *gaps) take(n int) bool {
	found, ok := atLeast(g.nonEmpty[:], n)
	if !ok {
		return false
	}
	if g.count[found]--; g.count[found] == 0 {
		g.nonEmpty[found/64] &^= 1 << (found % 64)
	}
	g.add(found - n)
	return true
}
