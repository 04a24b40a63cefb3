package rdb

import "errors"

var (
	errLZFShort = errors.New("compressed string ends in the middle")
	errLZFRef   = errors.New("compressed string refers to bytes before its start")
	errLZFSize  = errors.New("compressed string does not have the length it claims")
)

// lzfMaxRatio bounds how many bytes one compressed byte can stand for: the
// longest reference is 264 bytes and takes 3.
const lzfMaxRatio = 88

// appendLZF decompresses src, which must come to exactly size bytes, to the
// end of dst. dst grows as bytes are produced, not by the claimed size.
func appendLZF(dst, src []byte, size int) ([]byte, error) {
	start := len(dst)
	for i := 0; i < len(src); {
		ctrl := int(src[i])
		i++
		if ctrl < 1<<5 { // a run of ctrl+1 literal bytes
			n := ctrl + 1
			if n > len(src)-i {
				return dst, errLZFShort
			}
			dst = append(dst, src[i:i+n]...)
			i += n
		} else { // a reference to earlier output
			n := ctrl >> 5
			if n == 7 {
				if i == len(src) {
					return dst, errLZFShort
				}
				n += int(src[i])
				i++
			}
			n += 2
			if i == len(src) {
				return dst, errLZFShort
			}
			back := (ctrl&0x1F)<<8 + int(src[i]) + 1
			i++
			from := len(dst) - back
			if from < start {
				return dst, errLZFRef
			}
			// The reference may overlap what it produces, so that each round
			// copies at most what is there already.
			for n > 0 {
				c := min(n, len(dst)-from)
				dst = append(dst, dst[from:from+c]...)
				from += c
				n -= c
			}
		}
		if len(dst)-start > size {
			return dst, errLZFSize
		}
	}
	if len(dst)-start != size {
		return dst, errLZFSize
	}
	return dst, nil
}
