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

// decompress fills dst with what src stands for, which must come to exactly its
// length.
func decompress(dst, src []byte) error {
	to := 0
	for i := 0; i < len(src); {
		ctrl := int(src[i])
		i++
		if ctrl < 1<<5 { // a run of ctrl+1 literal bytes
			n := ctrl + 1
			if n > len(src)-i {
				return errLZFShort
			}
			if n > len(dst)-to {
				return errLZFSize
			}
			if len(src)-i >= 32 && len(dst)-to >= 32 { // what is too much is overwritten
				*(*[32]byte)(dst[to:]) = *(*[32]byte)(src[i:])
			} else {
				copy(dst[to:], src[i:i+n])
			}
			to += n
			i += n
			continue
		}
		n := ctrl >> 5 // a reference to earlier output
		if n == 7 {
			if i == len(src) {
				return errLZFShort
			}
			n += int(src[i])
			i++
		}
		n += 2
		if i == len(src) {
			return errLZFShort
		}
		back := (ctrl&0x1F)<<8 + int(src[i]) + 1
		i++
		from := to - back
		if from < 0 {
			return errLZFRef
		}
		if n > len(dst)-to {
			return errLZFSize
		}
		if back >= 32 && n <= 32 && len(dst)-to >= 32 {
			*(*[32]byte)(dst[to:]) = *(*[32]byte)(dst[from:])
			to += n
			continue
		}
		// The reference may overlap what it produces, so that each round
		// copies at most what is there already.
		for end := to + n; to < end; {
			to += copy(dst[to:end], dst[from:to])
		}
	}
	if to != len(dst) {
		return errLZFSize
	}
	return nil
}
