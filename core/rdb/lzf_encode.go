package rdb

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// The limits of the format: how far back a reference reaches, how many bytes it
// and a run of literals stand for.
const (
	lzfWindow  = 1 << 13
	lzfLongest = 264
	lzfRun     = 32
)

// lzfBits is how many bits of a hash say where it stands in the table.
const lzfBits = 12

// compressor makes LZF, the compression of Redis's strings: runs of literal
// bytes and references to bytes before. Its table is valid for one string
// only, but not cleared between them: base tells old entries from new ones.
type compressor struct {
	seen [1 << lzfBits]uint32 // by hash of four bytes: base and where they began
	base uint32
}

// compress appends the compressed form of src, up to 1 GiB, to dst. ok is false
// if that would take limit bytes or more; dst then comes back as it was.
//
// It looks for four bytes that come again: three, which the format can tell of,
// save little and take time. Where nothing repeats it looks at fewer and fewer
// places (as LZ4 does), so that bytes that cannot be compressed cost little.
func (c *compressor) compress(dst, src []byte, limit int) (_ []byte, ok bool) {
	if uint64(c.base)+uint64(len(src))+lzfWindow > 1<<32-1 {
		clear(c.seen[:])
		c.base = 0
	}
	if c.base == 0 {
		c.base = lzfWindow + 1 // so that an empty entry is too far back
	}
	base := c.base
	c.base += uint32(len(src)) + lzfWindow

	// A run of literals is copied 32 bytes at a time, whatever its length.
	const slack = 2 * lzfRun
	dst = slices.Grow(dst, limit+slack)
	out := dst[len(dst) : len(dst)+limit+slack]
	to, literals, misses := 0, 0, 0 // literals: where those begin that are not in out yet
	for i := 0; i+4 <= len(src); {
		four := binary.LittleEndian.Uint32(src[i:])
		slot := &c.seen[four*2654435761>>(32-lzfBits)]
		from := i - int(base+uint32(i)-*slot)
		*slot = base + uint32(i)
		if i-from > lzfWindow || binary.LittleEndian.Uint32(src[from:]) != four {
			i += 1 + misses>>4
			misses++
			continue
		}
		misses = 0
		if to+(i-literals)*33/32+5 >= limit {
			return dst, false
		}
		if i > literals {
			to = putLiterals(out, to, src, literals, i)
		}
		n, most := 4, min(len(src)-i, lzfLongest)
		for {
			if n+8 > most {
				for n < most && src[from+n] == src[i+n] {
					n++
				}
				break
			}
			if d := binary.LittleEndian.Uint64(src[from+n:]) ^ binary.LittleEndian.Uint64(src[i+n:]); d != 0 {
				n += bits.TrailingZeros64(d) / 8
				break
			}
			n += 8
		}
		back, o := i-from-1, out[to:to+3]
		if n < 9 {
			o[0], o[1] = byte((n-2)<<5|back>>8), byte(back)
			to += 2
		} else {
			o[0], o[1], o[2] = byte(7<<5|back>>8), byte(n-9), byte(back)
			to += 3
		}
		i += n
		literals = i
	}
	if to+(len(src)-literals)*33/32+1 >= limit {
		return dst, false
	}
	to = putLiterals(out, to, src, literals, len(src))
	return dst[:len(dst)+to], true
}

// putLiterals writes the bytes of src between two places to out and returns
// where it ends there.
func putLiterals(out []byte, to int, src []byte, from, end int) int {
	for ; from < end; from += lzfRun {
		n := min(end-from, lzfRun)
		out[to] = byte(n - 1)
		if from+lzfRun <= len(src) {
			*(*[lzfRun]byte)(out[to+1:]) = *(*[lzfRun]byte)(src[from:])
		} else {
			copy(out[to+1:], src[from:end])
		}
		to += 1 + n
	}
	return to
}
